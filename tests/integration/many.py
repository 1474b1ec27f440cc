"""Several `portdesk serve` on one PostgreSQL database, behind nginx that hands each request to another of them in turn."""
import os
import subprocess

import frame
from frame import BUILD, Program, wait_for, write_ini
from ports import free_ports

NGINX = """
daemon off; pid {directory}/nginx.pid; error_log {log} warn; worker_processes 1; {user}
events {{ worker_connections 1024; }}
http {{
    access_log off; client_max_body_size 128m;
    client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
    upstream desks {{ {servers} keepalive 16; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://desks; proxy_http_version 1.1; proxy_request_buffering off;
            proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
            {next}
        }}
    }}
}}
"""


class Group:
    """Several programs that a test takes for one."""
    name = "portdesk"

    def __init__(self, programs, nginx):
        self.programs, self.nginx = programs, nginx
        self.log = programs[0].log

    def start(self, extra=None, wait=True):
        """All of them at once: they must not be in each other's way."""
        for program in self.programs:
            program.start(extra, wait=False)
        if wait:
            for program in self.programs:
                wait_for(f"{program.name} to answer", program.answers)
        if self.nginx and not self.nginx.running():
            self.nginx.start()
        return self

    def running(self):
        return all(program.running() for program in self.programs)

    def look(self):
        for program in self.programs:
            program.look()

    def tail(self):
        return "\n".join(program.tail() for program in self.programs)

    def kill(self):
        for program in self.programs:
            program.kill()

    def stop(self):
        failures = []
        for program in self.programs:
            try:
                program.stop()
            except AssertionError as failure:
                failures.append(failure)
        if self.nginx and self.nginx.process:  # else it never came so far
            self.nginx.process.terminate()
            self.nginx.process.wait(30)
        if failures:
            raise failures[0]


class ManyDesk(frame.Desk):
    """`roles` says what each process does; those that serve the web are behind nginx, at the desk's port."""
    roles = ("all", "all", "all")

    def __init__(self, name="many", settings=None, environment=None):
        super().__init__(name, {"web.trusted_proxies": "127.0.0.1", **(settings or {})}, environment)
        ports = free_ports(len(self.roles))
        programs = []
        for index, (role, port) in enumerate(zip(self.roles, ports)):
            config = self.directory / f"portdesk-{index}.ini"
            write_ini(config, {**self.settings, "web.listen": f"127.0.0.1:{port}"})
            programs.append(Program(f"portdesk-{index}-{role}", [BUILD / "portdesk", "serve", "--role", role, "--config", config],
                                    self.logs / f"portdesk-{index}.log", port, environment))
        self.portdesk = Group(programs, self.proxy([port for role, port in zip(self.roles, ports) if role != "worker"]))

    def proxy(self, ports):
        folder = self.directory / "nginx"
        folder.mkdir()
        config = folder / "nginx.conf"
        # A request that a process did not take at all goes to the next; one that it may have taken does not.
        config.write_text(NGINX.format(directory=folder, log=self.logs / "nginx.log", port=self.port,
                                       user="user root;" if os.geteuid() == 0 else "",
                                       servers=" ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports),
                                       next="proxy_next_upstream error;"))
        subprocess.run(["nginx", "-t", "-q", "-e", self.logs / "nginx.log", "-p", folder, "-c", config], check=True,
                       capture_output=True)
        return Program("nginx", ["nginx", "-e", self.logs / "nginx.log", "-p", folder, "-c", config],
                       self.logs / "nginx.out", self.port)
