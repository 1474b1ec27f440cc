/* The subcommands of portdesk, one file each. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

/* Runs a command with what follows its name; returns the exit code: 0 done, 1 failed, 2 wrong use. */
typedef int command_run(int argc, char **argv);

struct command {
    const char *name;
    command_run *run;
    const char *help; /* one line */
};

int command_serve(int argc, char **argv);
int command_init(int argc, char **argv);
int command_user(int argc, char **argv);
int command_account(int argc, char **argv);
/* "user reset-second-factor": with what follows these words. */
int command_reset_second_factor(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_carrier(int argc, char **argv);
int command_keys(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_jobs(int argc, char **argv);
int command_routes(int argc, char **argv);
int command_metrics(int argc, char **argv);
int command_settings(int argc, char **argv);

#endif
