/* The mask as pixels, with no page around it: a base (from words, a box or a file), the hand's strokes
   over it, and the steps to undo. One value per pixel everywhere:
     base  0 | 1          what the machine proposes, recomputed when the threshold moves
     hand -1 | 0 | +1     what the person erased or painted; always wins over the base
     final 0 | 1          hand where it is not 0, else base
   `pixels` holds the translucent colours (little-endian RGBA) that the page shows. */
(function (root) {
  'use strict';
  const parts = (root.PaddockMaskCanvas = root.PaddockMaskCanvas || {});
  const MAX_STEPS = 80, ONE_PULL_MS = 700;
  const rgba = (r, g, b, a) => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
  const COLOUR = { base: rgba(24, 176, 112, 128), added: rgba(38, 126, 255, 128), erased: rgba(222, 30, 128, 215) };
  const EMPTY = Object.freeze({ frozen: null, plane: null, mode: 'replace', inverted: false, threshold: 0.3, answers: [] });

  /* Runs of equal values in a rectangle: (length << 2) | (value + 1). A stroke is some kilobytes, not a megabyte. */
  function encodeRuns(data, width, rect) {
    const runs = [];
    let value = 2, length = 0;
    for (let y = rect.y0; y < rect.y1; y++) {
      for (let i = y * width + rect.x0, end = y * width + rect.x1; i < end; i++) {
        if (data[i] !== value) {
          if (length) runs.push((length << 2) | (value + 1));
          value = data[i];
          length = 0;
        }
        length++;
      }
    }
    if (length) runs.push((length << 2) | (value + 1));
    return Uint32Array.from(runs);
  }

  function decodeRuns(runs, data, width, rect) {
    let x = rect.x0, row = rect.y0 * width;
    for (const run of runs) {
      const value = (run & 3) - 1;
      for (let left = run >>> 2; left > 0;) {
        const n = Math.min(left, rect.x1 - x);
        data.fill(value, row + x, row + x + n);
        left -= n;
        x += n;
        if (x === rect.x1) { x = rect.x0; row += width; }
      }
    }
  }

  class MaskLayers {
    constructor(width, height, pixels) {
      const n = width * height;
      this.width = width;
      this.height = height;
      this.pixels = pixels || new Uint32Array(n);
      this.hand = new Int8Array(n);
      this.base = new Uint8Array(n);
      this.final = new Uint8Array(n);
      this.state = EMPTY;
      this.done = [];
      this.undone = [];
      this.stroke = null;
      this.count = 0;
      this.stale = false;
      this.dirty = null;
      this.hatch = Math.max(6, 2 * Math.round(Math.max(width, height) / 230));
    }

    get area() { this.refresh(); return this.count; }
    get threshold() { return this.state.threshold; }
    get hasHeat() { return !!(this.state.plane && this.state.plane.heat); }
    get canUndo() { return this.done.length > 0; }
    get canRedo() { return this.undone.length > 0; }
    /* What undo and redo would act on: "words", "paint", "threshold" …; "" for nothing. */
    get undoes() { return this.canUndo ? this.done[this.done.length - 1].what : ''; }
    get redoes() { return this.canRedo ? this.undone[this.undone.length - 1].what : ''; }

    touch(x0, y0, x1, y1) {
      const d = this.dirty;
      this.dirty = d ? { x0: Math.min(d.x0, x0), y0: Math.min(d.y0, y0), x1: Math.max(d.x1, x1), y1: Math.max(d.y1, y1) }
        : { x0, y0, x1, y1 };
    }

    takeDirty() { this.refresh(); const d = this.dirty; this.dirty = null; return d; }
    touchAll() { this.stale = true; this.touch(0, 0, this.width, this.height); }

    /* The base from what was kept of earlier questions (`frozen`) and the latest answer (`plane`). Heat is 0..255
       and selects from `threshold` on; a pixel of no heat at all is never selected. */
    computeBase(out) {
      const { frozen, plane, mode, inverted, threshold } = this.state;
      const n = out.length, flip = inverted ? 1 : 0;
      if (!plane) {
        if (frozen) for (let i = 0; i < n; i++) out[i] = frozen[i] ^ flip;
        else out.fill(flip);
        return out;
      }
      const heat = plane.data, cut = plane.heat ? Math.max(1, Math.ceil(threshold * 255 - 1e-6)) : 128;
      if (mode === 'replace' || !frozen) {
        const on = mode === 'subtract' ? 0 : 1;
        for (let i = 0; i < n; i++) out[i] = (heat[i] >= cut ? on : 0) ^ flip;
      } else if (mode === 'add') {
        for (let i = 0; i < n; i++) out[i] = (frozen[i] | (heat[i] >= cut ? 1 : 0)) ^ flip;
      } else {
        for (let i = 0; i < n; i++) out[i] = (frozen[i] & (heat[i] >= cut ? 0 : 1)) ^ flip;
      }
      return out;
    }

    refresh() {
      if (!this.stale) return;
      this.stale = false;
      const { base, hand, final, pixels, width } = this;
      this.computeBase(base);
      let count = 0;
      for (let i = 0, n = base.length; i < n; i++) {
        const h = hand[i];
        if (h === 0) {
          const b = base[i];
          final[i] = b;
          count += b;
          pixels[i] = b ? COLOUR.base : 0;
        } else {
          const f = h > 0 ? 1 : 0;
          final[i] = f;
          count += f;
          pixels[i] = this.handColour(f, base[i], i % width, (i / width) | 0);
        }
      }
      this.count = count;
    }

    /* Painted: a second hue with dots. Erased: hatched, and only where there was something to erase. */
    handColour(painted, base, x, y) {
      const p = this.hatch;
      if (painted) return (x % p) < 2 && (y % p) < 2 ? 0xe0ffffff : COLOUR.added;
      return base && (x + y) % p < p / 2 ? COLOUR.erased : 0;
    }

    setThreshold(value) {
      const threshold = Math.min(1, Math.max(0, Number(value) || 0));
      if (threshold === this.state.threshold) return;
      const before = this.state, now = Date.now(), last = this.done[this.done.length - 1];
      this.state = { ...before, threshold };
      if (!this.hasHeat) return;
      this.touchAll();
      if (last && last.pulled > now - ONE_PULL_MS && !this.undone.length) last.pulled = now;
      else this.push({ before, what: 'threshold', pulled: now });
    }

    /* A new answer; `what` names the step, `answer` is the caller's own account of it. `replace` starts again; `add` and `subtract` keep what earlier answers had selected, as it was at
       that moment, so that the threshold moves the newest answer only. Strokes stay over it in every mode. */
    setBase(plane, mode, remember, what, answer) {
      const before = this.state;
      const keep = mode === 'add' || mode === 'subtract';
      const frozen = keep ? this.computeBase(new Uint8Array(this.base.length)) : null;
      const answers = [...(keep ? before.answers : []), ...(answer ? [answer] : [])];
      this.state = { frozen, plane, mode: keep ? mode : 'replace', inverted: false, threshold: before.threshold, answers };
      this.touchAll();
      if (remember !== false) this.push({ before, what: what || 'answer' });
    }

    push(step) {
      this.done.push(step);
      if (this.done.length > MAX_STEPS) this.done.shift();
      this.undone = [];
    }

    beginStroke() { this.refresh(); this.stroke = { before: this.hand.slice(), rect: null, what: 'paint' }; }

    /* Every pixel whose centre lies within `radius` of the segment gets `value`: no gaps however fast the drag. */
    paint(xa, ya, xb, yb, radius, value) {
      const r = Math.max(0.75, radius), { width, height } = this;
      const dx = xb - xa, dy = yb - ya, length = Math.hypot(dx, dy);
      const nx = length ? -dy / length * r : 0, ny = length ? dx / length * r : 0;
      const px = [xa + nx, xb + nx, xb - nx, xa - nx], py = [ya + ny, yb + ny, yb - ny, ya - ny];
      const top = Math.max(0, Math.ceil(Math.min(ya, yb) - r - 0.5));
      const bottom = Math.min(height - 1, Math.floor(Math.max(ya, yb) + r - 0.5));
      let left = width, right = -1;
      for (let y = top; y <= bottom; y++) {
        const cy = y + 0.5;
        let lo = Infinity, hi = -Infinity;
        const reach = (x) => { if (x < lo) lo = x; if (x > hi) hi = x; };
        let d = r * r - (cy - ya) * (cy - ya);
        if (d >= 0) { d = Math.sqrt(d); reach(xa - d); reach(xa + d); }
        d = r * r - (cy - yb) * (cy - yb);
        if (d >= 0) { d = Math.sqrt(d); reach(xb - d); reach(xb + d); }
        for (let k = 0, j = 3; length && k < 4; j = k++) {
          if (py[j] === py[k] || (cy < py[j]) === (cy < py[k])) continue;
          reach(px[j] + (cy - py[j]) / (py[k] - py[j]) * (px[k] - px[j]));
        }
        const from = Math.max(0, Math.ceil(lo - 0.5)), to = Math.min(width - 1, Math.floor(hi - 0.5));
        if (from > to) continue;
        this.fillSpan(y, from, to, value);
        left = Math.min(left, from);
        right = Math.max(right, to);
      }
      if (right < left || bottom < top) return;
      this.touch(left, top, right + 1, bottom + 1);
      const s = this.stroke && this.stroke.rect, box = { x0: left, y0: top, x1: right + 1, y1: bottom + 1 };
      if (this.stroke) this.stroke.what = value > 0 ? 'paint' : 'erase';
      if (this.stroke) this.stroke.rect = s ? { x0: Math.min(s.x0, box.x0), y0: Math.min(s.y0, box.y0),
        x1: Math.max(s.x1, box.x1), y1: Math.max(s.y1, box.y1) } : box;
    }

    fillSpan(y, from, to, value) {
      const { hand, base, final, pixels } = this, f = value > 0 ? 1 : 0;
      for (let x = from, i = y * this.width + from; x <= to; x++, i++) {
        if (hand[i] === value) continue;
        hand[i] = value;
        this.count += f - final[i];
        final[i] = f;
        pixels[i] = this.handColour(f, base[i], x, y);
      }
    }

    endStroke() {
      const s = this.stroke;
      this.stroke = null;
      if (!s || !s.rect) return;
      this.push({ rect: s.rect, runs: encodeRuns(s.before, this.width, s.rect), what: s.what });
    }

    cancelStroke() {
      if (!this.stroke) return;
      this.hand.set(this.stroke.before);
      this.stroke = null;
      this.touchAll();
    }

    clear() {
      const rect = { x0: 0, y0: 0, x1: this.width, y1: this.height };
      this.push({ rect, runs: encodeRuns(this.hand, this.width, rect), before: this.state, what: 'clear' });
      this.hand.fill(0);
      this.state = { ...EMPTY, threshold: this.state.threshold };
      this.touchAll();
    }

    invert() { this.flip(); this.push({ flip: true, what: 'invert' }); }

    flip() {
      this.state = { ...this.state, inverted: !this.state.inverted };
      for (let i = 0; i < this.hand.length; i++) this.hand[i] = -this.hand[i];
      this.touchAll();
    }

    /* Swaps a step with the present and returns what takes it back: undo and redo are the same act. */
    swap(step) {
      if (step.flip) { this.flip(); return step; }
      const back = { rect: step.rect, what: step.what };
      if (step.rect) {
        back.runs = encodeRuns(this.hand, this.width, step.rect);
        decodeRuns(step.runs, this.hand, this.width, step.rect);
      }
      if (step.before) { back.before = this.state; this.state = step.before; }
      if (step.before || !step.rect) this.touchAll();
      else { this.recolour(step.rect); this.touch(step.rect.x0, step.rect.y0, step.rect.x1, step.rect.y1); }
      return back;
    }

    recolour(rect) {
      this.refresh();
      for (let y = rect.y0; y < rect.y1; y++) {
        for (let x = rect.x0, i = y * this.width + rect.x0; x < rect.x1; x++, i++) {
          const h = this.hand[i], b = this.base[i], f = h === 0 ? b : h > 0 ? 1 : 0;
          this.count += f - this.final[i];
          this.final[i] = f;
          this.pixels[i] = h === 0 ? (b ? COLOUR.base : 0) : this.handColour(f, b, x, y);
        }
      }
    }

    undo() { if (!this.canUndo || this.stroke) return false; this.undone.push(this.swap(this.done.pop())); return true; }
    redo() { if (!this.canRedo || this.stroke) return false; this.done.push(this.swap(this.undone.pop())); return true; }

    restore(hand, state) {
      if (hand) this.hand.set(hand);
      this.state = { ...EMPTY, ...state };
      this.done = [];
      this.undone = [];
      this.touchAll();
    }
  }

  parts.MaskLayers = MaskLayers;
  parts.COLOUR = COLOUR;
})(window);
