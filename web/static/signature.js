// The signature drawn on a pad of 300 by 100. Without this script the name is typed, which counts the same.
(() => {
    'use strict';
    const width = 300;
    const height = 100;
    const pointsMax = 5000;
    const ways = document.getElementById('sig-ways');
    const pad = document.getElementById('drawing-pad');
    const field = document.getElementById('drawing');
    const lines = field.value ? field.value.split(';').map(line => line.split(' ').map(point => point.split(',').map(Number))) : [];
    const pen = pad.getContext('2d');
    let drawing = false;

    function show() {
        const dots = window.devicePixelRatio || 1;
        pad.width = Math.max(1, Math.round(pad.clientWidth * dots));
        pad.height = Math.max(1, Math.round(pad.clientHeight * dots));
        pen.scale(pad.width / width, pad.height / height);
        pen.strokeStyle = getComputedStyle(pad).color;
        pen.lineWidth = 1.6;
        pen.lineCap = pen.lineJoin = 'round';
        pen.beginPath();
        for (const line of lines) {
            pen.moveTo(...line[0]);
            for (const point of line) pen.lineTo(...point);
        }
        pen.stroke();
    }

    function keep() {
        field.value = lines.map(line => line.map(point => point.join(',')).join(' ')).join(';');
    }

    function add(event) {
        const box = pad.getBoundingClientRect();
        const within = (at, size, max) => Math.min(max, Math.max(0, Math.round(at / size * max)));
        const point = [within(event.clientX - box.left, box.width, width), within(event.clientY - box.top, box.height, height)];
        const line = lines[lines.length - 1];
        const last = line[line.length - 1];
        if (last && last[0] === point[0] && last[1] === point[1]) return;
        if (lines.reduce((sum, each) => sum + each.length, 0) >= pointsMax) return;
        line.push(point);
        show();
    }

    pad.addEventListener('pointerdown', event => {
        if (event.button !== 0) return;
        event.preventDefault();
        pad.setPointerCapture(event.pointerId);
        drawing = true;
        lines.push([]);
        add(event);
        if (!lines[lines.length - 1].length) lines.pop();
    });
    pad.addEventListener('pointermove', event => {
        if (drawing && lines.length) [...(event.getCoalescedEvents?.() ?? []), event].forEach(add);
    });
    for (const end of ['pointerup', 'pointercancel'])
        pad.addEventListener(end, () => {
            drawing = false;
            keep();
        });
    document.getElementById('drawing-clear').addEventListener('click', () => {
        lines.length = 0;
        keep();
        show();
    });
    ways.addEventListener('change', show);
    window.addEventListener('resize', show);
    ways.hidden = false;
    show();
})();
