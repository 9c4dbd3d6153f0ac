/* Hands on the mask canvas: pointer (mouse, pen, fingers), wheel and keys, turned into calls on the controller. */
(function (root) {
  'use strict';
  const parts = (root.PaddockMaskCanvas = root.PaddockMaskCanvas || {});
  const SMALLEST_BOX = 4, WHEEL_ZOOM = 0.0015;
  const PANNING = ['zoom', 'words'];

  function bindInput(c, view) {
    const s = view.surface, fingers = new Map();
    let act = null, space = false, last = null, pinch = null;
    const strokes = (e) => (e.button === 5 || e.buttons === 32 ? 'eraser' : c.tool);
    const painting = () => c.tool === 'brush' || c.tool === 'eraser';

    function cursor() {
      const pan = space || PANNING.includes(c.tool);
      s.style.cursor = act && act.kind === 'pan' ? 'grabbing' : pan ? (c.zoomed() ? 'grab' : 'default') :
        painting() ? 'none' : 'crosshair';
      if (pan || !painting()) view.hideRing();
    }

    function spread() {
      const [a, b] = [...fingers.values()];
      return { d: Math.hypot(a.x - b.x, a.y - b.y) || 1, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    }

    function cancel() {
      if (!act) return;
      if (act.kind === 'stroke') c.cancelStroke();
      if (act.kind === 'box') view.showBox(null);
      act = null;
      cursor();
    }

    function down(e) {
      if (!c.ready) return;
      s.focus({ preventScroll: true });
      if (e.pointerType === 'touch') {
        fingers.set(e.pointerId, { x: e.clientX, y: e.clientY });
        if (fingers.size === 2) { cancel(); pinch = spread(); s.setPointerCapture(e.pointerId); return; }
        if (fingers.size > 2) return;
      }
      if (act || e.button === 2) return;
      const p = view.toPhoto(e.clientX, e.clientY), tool = strokes(e);
      if (e.button === 1 || space || PANNING.includes(tool)) act = { kind: 'pan', x: e.clientX, y: e.clientY };
      else if (tool === 'box') act = { kind: 'box', from: p, box: null };
      else if (tool === 'click') act = { kind: 'point', at: p, x: e.clientX, y: e.clientY };
      else {
        act = { kind: 'stroke', value: tool === 'eraser' ? -1 : 1, at: p };
        c.beginStroke();
        const from = e.shiftKey && last ? last : p;
        c.strokeTo(from, p, act.value);
        last = p;
      }
      act.id = e.pointerId;
      s.setPointerCapture(e.pointerId);
      if (e.button === 1) e.preventDefault();
      cursor();
    }

    function move(e) {
      if (fingers.has(e.pointerId)) fingers.set(e.pointerId, { x: e.clientX, y: e.clientY });
      if (pinch && fingers.size >= 2) {
        const now = spread(), r = view.root.getBoundingClientRect();
        view.panBy(now.x - pinch.x, now.y - pinch.y);
        view.zoomAt(now.d / pinch.d, now.x - r.left, now.y - r.top);
        pinch = now;
        return;
      }
      if (painting() && !space && (!act || act.kind === 'stroke') && c.ready)
        view.showRing(e.clientX, e.clientY, c.brush, strokes(e) === 'eraser');
      if (!act || act.id !== e.pointerId) return;
      if (act.kind === 'pan') {
        view.panBy(e.clientX - act.x, e.clientY - act.y);
        act.x = e.clientX;
        act.y = e.clientY;
      } else if (act.kind === 'box') {
        act.box = rectangle(act.from, view.toPhoto(e.clientX, e.clientY));
        view.showBox(act.box);
      } else if (act.kind === 'stroke') {
        const events = e.getCoalescedEvents ? e.getCoalescedEvents() : [];
        for (const each of events.length ? events : [e]) {
          const p = view.toPhoto(each.clientX, each.clientY);
          c.strokeTo(act.at, p, act.value);
          act.at = last = p;
        }
      }
    }

    function up(e) {
      fingers.delete(e.pointerId);
      if (fingers.size < 2) pinch = null;
      if (!act || act.id !== e.pointerId) return;
      const ended = act;
      if (e.type === 'pointercancel') { cancel(); return; }
      act = null;
      if (ended.kind === 'stroke') c.endStroke();
      if (ended.kind === 'box') {
        view.showBox(null);
        const b = ended.box;
        if (b && b.right - b.left >= SMALLEST_BOX && b.bottom - b.top >= SMALLEST_BOX) c.options.onBox(b);
      }
      if (ended.kind === 'point' && Math.hypot(e.clientX - ended.x, e.clientY - ended.y) < 6 && inside(ended.at))
        c.options.onPoint({ x: Math.floor(ended.at.x), y: Math.floor(ended.at.y), add: !e.altKey });
      if (e.pointerType === 'touch') view.hideRing();
      cursor();
    }

    const inside = (p) => p.x >= 0 && p.y >= 0 && p.x < view.size.width && p.y < view.size.height;

    /* Whole pixels within the photo; right and bottom are the first ones outside. */
    function rectangle(a, b) {
      const { width, height } = view.size, cut = (v, n) => Math.min(n, Math.max(0, v));
      return { left: cut(Math.floor(Math.min(a.x, b.x)), width), top: cut(Math.floor(Math.min(a.y, b.y)), height),
        right: cut(Math.ceil(Math.max(a.x, b.x)), width), bottom: cut(Math.ceil(Math.max(a.y, b.y)), height) };
    }

    function wheel(e) {
      if (!c.ready) return;
      const r = view.root.getBoundingClientRect(), delta = e.deltaY * (e.deltaMode === 1 ? 33 : 1);
      if (e.ctrlKey || e.metaKey || c.tool === 'zoom')
        view.zoomAt(Math.exp(-delta * (e.ctrlKey && Math.abs(delta) < 40 ? 8 : 1) * WHEEL_ZOOM), e.clientX - r.left, e.clientY - r.top);
      else if (painting()) c.stepBrush(delta < 0 ? 1 : -1);
      else return;
      e.preventDefault();
    }

    const KEYS = { b: 'brush', e: 'eraser', r: 'box' };
    const ARROWS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    function keydown(e) {
      if (!c.ready) return;
      const key = e.key.length === 1 ? e.key.toLowerCase() : e.key, command = (e.ctrlKey || e.metaKey) && !e.altKey;
      if (e.target !== s && (ARROWS[key] || key === ' ')) return;
      if (key === '[' || key === ']') c.stepBrush(key === '[' ? -1 : 1);
      else if (command && key === 'z') { cancel(); if (e.shiftKey) c.redo(); else c.undo(); }
      else if (command && key === 'y') { cancel(); c.redo(); }
      else if (command || e.altKey) return;
      else if (key === 'Escape') { if (!act) return; cancel(); }
      else if (KEYS[key] && c.tools.includes(KEYS[key])) c.setTool(KEYS[key]);
      else if (key === 'm') { if (!e.repeat) c.toggleMask(); }
      else if (key === 'o') { if (!e.repeat) c.peek(true); }
      else if (key === '+' || key === '=') view.zoomBy(1.25);
      else if (key === '-') view.zoomBy(0.8);
      else if (key === '0') view.fit();
      else if (key === ' ') { space = true; cursor(); }
      else if (ARROWS[key] && c.zoomed()) view.panBy(...ARROWS[key]);
      else return;
      e.preventDefault();
      e.stopPropagation();
    }

    function keyup(e) {
      if (e.key === ' ') { space = false; cursor(); }
      if (e.key.toLowerCase() === 'o') c.peek(false);
    }

    s.addEventListener('pointerdown', down);
    s.addEventListener('pointermove', move);
    s.addEventListener('pointerup', up);
    s.addEventListener('pointercancel', up);
    s.addEventListener('pointerleave', () => { if (!act) view.hideRing(); });
    s.addEventListener('wheel', wheel, { passive: false });
    s.addEventListener('dblclick', () => { if (PANNING.includes(c.tool)) view.fit(); });
    s.addEventListener('mousedown', (e) => { if (e.button === 1) e.preventDefault(); });
    view.root.addEventListener('keydown', keydown);
    view.root.addEventListener('keyup', keyup);
    s.addEventListener('blur', () => { space = false; c.peek(false); cursor(); });
    bindDivider(c, view);
    return { cursor, cancel, busy: () => !!act };
  }

  /* The before/after divider: dragged, or moved by the arrows (with Shift by tens), Home and End. */
  function bindDivider(c, view) {
    const d = view.divider;
    const at = (e) => c.setSplit(view.toPhoto(e.clientX, e.clientY).x / view.size.width * 100);
    d.addEventListener('pointerdown', (e) => { d.setPointerCapture(e.pointerId); d.focus(); at(e); e.preventDefault(); });
    d.addEventListener('pointermove', (e) => { if (d.hasPointerCapture(e.pointerId)) at(e); });
    d.addEventListener('keydown', (e) => {
      const step = e.shiftKey ? 10 : 2, now = view.split;
      const to = { ArrowLeft: now - step, ArrowDown: now - step, ArrowRight: now + step, ArrowUp: now + step,
        Home: 0, End: 100 }[e.key];
      if (to !== undefined) { c.setSplit(to); e.preventDefault(); e.stopPropagation(); }
      if (e.key === 'Escape') { c.compare(false); view.surface.focus(); e.stopPropagation(); }
    });
  }

  parts.bindInput = bindInput;
})(window);
