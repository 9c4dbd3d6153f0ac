/* What is seen of the mask canvas: photo, result, mask and crawling edge, placed by one transform; the ring of the
   brush, the box in progress, the before/after divider and the two small controls. It decides nothing. */
(function (root) {
  'use strict';
  const parts = (root.PaddockMaskCanvas = root.PaddockMaskCanvas || {});
  const PAD = 16, MAX_ZOOM = 16, CRAWL_MS = 120, DASH = 8;
  const clamp = (v, lo, hi) => Math.min(hi, Math.max(lo, v));
  const MARKUP = `
    <div class="pmc-world"><img class="pmc-photo" alt="" draggable="false"><img class="pmc-result" alt="" draggable="false"
      hidden><canvas class="pmc-mask"></canvas></div>
    <canvas class="pmc-surface" role="application" tabindex="0"></canvas>
    <div class="pmc-box" hidden></div><div class="pmc-ring" hidden></div>
    <div class="pmc-divider" role="slider" tabindex="0" aria-orientation="horizontal" aria-valuemin="0"
      aria-valuemax="100" hidden><span class="pmc-before"></span><span class="pmc-after"></span>
      <i class="pmc-grip"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M8 5 3 10l5 5M12 5l5 5-5 5"/></svg></i></div>
    <label class="pmc-hud pmc-hud-brush" hidden><span></span><input type="range" min="0" max="100" step="1"><output></output>
    </label>
    <div class="pmc-hud pmc-hud-zoom" hidden><button type="button" data-zoom="out">−</button><output></output>
      <button type="button" data-zoom="in">+</button><button type="button" data-zoom="fit"></button></div>`;

  /* A pattern of slanted dashes: moved along by one pixel a tick, it makes the edge crawl. */
  function dashes() {
    const c = document.createElement('canvas');
    c.width = c.height = DASH;
    const g = c.getContext('2d'), image = g.createImageData(DASH, DASH), p = new Uint32Array(image.data.buffer);
    for (let i = 0; i < p.length; i++) p[i] = ((i % DASH) + ((i / DASH) | 0)) % DASH < DASH / 2 ? 0xffffffff : 0xff141414;
    g.putImageData(image, 0, 0);
    return g.createPattern(c, 'repeat');
  }

  class MaskView {
    constructor(host, onView) {
      this.root = document.createElement('div');
      this.root.className = 'pmc';
      this.root.innerHTML = MARKUP;
      host.appendChild(this.root);
      for (const name of ['world', 'photo', 'result', 'mask', 'surface', 'box', 'ring', 'divider', 'hud-brush', 'hud-zoom'])
        this[name.replace('hud-', '')] = this.root.querySelector('.pmc-' + name);
      this.onView = onView;
      this.size = null;
      this.view = { scale: 1, fit: 1, x: 0, y: 0 };
      this.stage = { width: 0, height: 0 };
      this.layers = null;
      this.outline = null;
      this.maskShown = true;
      this.peeking = false;
      this.split = null;
      this.phase = 0;
      this.surfaceContext = this.surface.getContext('2d');
      this.edge = document.createElement('canvas');
      this.pattern = dashes();
      this.calm = root.matchMedia('(prefers-reduced-motion: reduce)');
      this.timer = root.setInterval(() => this.crawl(), CRAWL_MS);
      this.observer = new ResizeObserver(() => this.resize());
      this.observer.observe(this.root);
    }

    destroy() {
      root.clearInterval(this.timer);
      this.observer.disconnect();
      this.root.remove();
    }

    /* ---- the photo and its place ---- */
    setPhoto(image, layers, imageData) {
      const width = image.naturalWidth, height = image.naturalHeight;
      this.photo.src = image.src;
      this.size = { width, height };
      this.layers = layers;
      this.imageData = imageData;
      this.mask.width = width;
      this.mask.height = height;
      this.maskContext = this.mask.getContext('2d');
      for (const node of [this.world, this.photo, this.result, this.mask]) {
        node.style.width = width + 'px';
        node.style.height = height + 'px';
      }
      this.root.classList.add('pmc-ready');
      layers.touch(0, 0, width, height);
      this.measure();
      this.fit();
    }

    /* Nothing to show: never the photo before, on which a stroke would be a mistake. */
    empty() {
      this.layers = this.size = null;
      this.root.classList.remove('pmc-ready');
      this.root.removeAttribute('aria-busy');
      this.surfaceContext.clearRect(0, 0, this.stage.width, this.stage.height);
    }

    measure() {
      const width = this.root.clientWidth, height = this.root.clientHeight;
      this.stage = { width, height };
      if (!width || !height) return false;
      for (const c of [this.surface, this.edge]) { c.width = width; c.height = height; }
      this.edgeContext = this.edge.getContext('2d');
      this.edgeImage = this.edgeContext.createImageData(width, height);
      this.edgePixels = new Uint32Array(this.edgeImage.data.buffer);
      return true;
    }

    resize() {
      const old = this.stage, v = this.view, fitted = v.scale <= v.fit * 1.001;
      const width = this.root.clientWidth, height = this.root.clientHeight;
      if (width === old.width && height === old.height) return;
      const centre = { x: (old.width / 2 - v.x) / v.scale, y: (old.height / 2 - v.y) / v.scale };
      if (!this.measure() || !this.size) return;
      if (fitted || !old.width) { this.fit(); return; }
      v.fit = this.fitScale();
      v.scale = clamp(v.scale, v.fit, Math.max(MAX_ZOOM, v.fit));
      this.moveTo(width / 2 - centre.x * v.scale, height / 2 - centre.y * v.scale);
    }

    fitScale() {
      const { width, height } = this.stage;
      return Math.max(0.01, Math.min((width - 2 * PAD) / this.size.width, (height - 2 * PAD) / this.size.height));
    }

    fit() {
      if (!this.size || !this.stage.width) return;
      this.view.fit = this.view.scale = this.fitScale();
      this.moveTo(0, 0);
    }

    zoomAt(factor, sx, sy) {
      if (!this.size) return;
      const v = this.view, scale = clamp(v.scale * factor, v.fit, Math.max(MAX_ZOOM, v.fit)), k = scale / v.scale;
      v.scale = scale;
      this.moveTo(sx - (sx - v.x) * k, sy - (sy - v.y) * k);
    }

    zoomBy(factor) { this.zoomAt(factor, this.stage.width / 2, this.stage.height / 2); }
    panBy(dx, dy) { this.moveTo(this.view.x + dx, this.view.y + dy); }

    /* A side that is smaller than the stage is centred; a larger one never leaves a gap beyond the margin. */
    moveTo(x, y) {
      if (!this.size) return;
      const v = this.view, w = this.size.width * v.scale, h = this.size.height * v.scale, { width, height } = this.stage;
      v.x = w <= width - 2 * PAD + 0.5 ? (width - w) / 2 : clamp(x, width - PAD - w, PAD);
      v.y = h <= height - 2 * PAD + 0.5 ? (height - h) / 2 : clamp(y, height - PAD - h, PAD);
      this.world.style.transform = `translate(${v.x}px, ${v.y}px) scale(${v.scale})`;
      this.mask.classList.toggle('pmc-crisp', v.scale >= 2);
      this.edgeStale = true;
      this.placeDivider();
      this.followRing();
      this.onView();
    }

    toPhoto(clientX, clientY) {
      const r = this.root.getBoundingClientRect();
      return { x: (clientX - r.left - this.view.x) / this.view.scale, y: (clientY - r.top - this.view.y) / this.view.scale };
    }

    /* ---- the mask ---- */
    paint() {
      if (!this.layers || !this.stage.width) return;
      const dirty = this.layers.takeDirty();
      if (dirty) {
        this.maskContext.putImageData(this.imageData, 0, 0, dirty.x0, dirty.y0, dirty.x1 - dirty.x0, dirty.y1 - dirty.y0);
      }
      if (this.edgeStale) { this.traceEdge(0, 0, this.stage.width, this.stage.height); this.edgeStale = false; }
      else if (dirty && !this.outline) {
        const v = this.view;
        this.traceEdge(Math.floor(dirty.x0 * v.scale + v.x) - 2, Math.floor(dirty.y0 * v.scale + v.y) - 2,
          Math.ceil(dirty.x1 * v.scale + v.x) + 2, Math.ceil(dirty.y1 * v.scale + v.y) + 2);
      }
      this.drawEdge();
    }

    /* The outline at the screen's own resolution, two pixels thick at any zoom: a screen pixel is on it where the mask
       under it differs from its left or upper neighbour. Only the rectangle given is traced again. */
    traceEdge(left, top, right, bottom) {
      const { width, height } = this.stage, { scale, x: vx, y: vy } = this.view, w = this.size.width, h = this.size.height;
      const x0 = clamp(left, 1, width), y0 = clamp(top, 1, height), x1 = clamp(right, 1, width), y1 = clamp(bottom, 1, height);
      if (x1 <= x0 || y1 <= y0) return;
      const source = this.outline || this.layers.final, out = this.edgePixels, n = x1 - x0 + 1;
      const column = new Int32Array(n);
      for (let k = 0; k < n; k++) {
        const c = Math.floor((x0 - 1 + k + 0.5 - vx) / scale);
        column[k] = c >= 0 && c < w ? c : -1;
      }
      let above = new Uint8Array(n), row = new Uint8Array(n);
      for (let y = y0 - 1; y < y1; y++) {
        const r = Math.floor((y + 0.5 - vy) / scale), inside = r >= 0 && r < h, from = r * w;
        for (let k = 0; k < n; k++) row[k] = inside && column[k] >= 0 ? source[from + column[k]] : 0;
        if (y >= y0) {
          out.fill(0, y * width + x0, y * width + x1);
          for (let k = 1, i = y * width + x0; k < n; k++, i++) {
            const v = row[k];
            if (v !== row[k - 1]) { out[i] = 0xffffffff; out[i - 1] = 0xffffffff; }
            if (v !== above[k]) { out[i] = 0xffffffff; out[i - width] = 0xffffffff; }
          }
        }
        [above, row] = [row, above];
      }
      this.edgeContext.putImageData(this.edgeImage, 0, 0, x0 - 1, y0 - 1, n, y1 - y0 + 1);
    }

    drawEdge() {
      const g = this.surfaceContext, { width, height } = this.stage;
      g.clearRect(0, 0, width, height);
      if (!this.maskVisible || !(this.outline || this.layers.area)) return;
      g.drawImage(this.edge, 0, 0);
      g.globalCompositeOperation = 'source-in';
      g.fillStyle = this.pattern;
      g.translate(this.phase, 0);
      g.fillRect(-this.phase, 0, width, height);
      g.setTransform(1, 0, 0, 1, 0, 0);
      g.globalCompositeOperation = 'source-over';
    }

    crawl() {
      if (!this.layers || !this.stage.width || document.hidden || this.calm.matches || !this.maskVisible) return;
      if (!this.layers.area && !this.outline) return;
      this.phase = (this.phase + 1) % DASH;
      this.drawEdge();
    }

    get maskVisible() { return this.maskShown && !this.peeking && this.split === null; }

    /* ---- before and after ---- */
    refreshLayers() {
      this.mask.hidden = !this.maskVisible;
      this.result.hidden = !this.result.getAttribute('src') || this.peeking;
      this.result.style.clipPath = this.split === null ? '' : `inset(0 0 0 ${this.split}%)`;
      this.divider.hidden = this.split === null;
      this.placeDivider();
      if (this.layers) this.drawEdge();
    }

    placeDivider() {
      if (this.split === null || !this.size) return;
      const v = this.view, { width, height } = this.stage, x = v.x + this.size.width * v.scale * this.split / 100;
      const top = Math.max(0, v.y), bottom = Math.min(height, v.y + this.size.height * v.scale);
      Object.assign(this.divider.style, { left: clamp(x, 0, width) + 'px', top: top + 'px', height: bottom - top + 'px' });
      this.divider.setAttribute('aria-valuenow', String(Math.round(this.split)));
    }

    /* ---- pointer companions ---- */
    showRing(clientX, clientY, radius, erasing) {
      const r = this.root.getBoundingClientRect(), d = Math.max(4, 2 * radius * this.view.scale);
      this.ringAt = { clientX, clientY, radius, erasing };
      this.ring.hidden = false;
      this.ring.classList.toggle('pmc-erasing', erasing);
      Object.assign(this.ring.style, { width: d + 'px', height: d + 'px',
        transform: `translate(${clientX - r.left - d / 2}px, ${clientY - r.top - d / 2}px)` });
    }

    hideRing() { this.ring.hidden = true; }
    followRing(change) {
      if (this.ring.hidden) return;
      const at = { ...this.ringAt, ...change };
      this.showRing(at.clientX, at.clientY, at.radius, at.erasing);
    }

    showBox(b) {
      const v = this.view;
      this.box.hidden = !b;
      if (b) Object.assign(this.box.style, { left: b.left * v.scale + v.x + 'px', top: b.top * v.scale + v.y + 'px',
        width: (b.right - b.left) * v.scale + 'px', height: (b.bottom - b.top) * v.scale + 'px' });
    }
  }

  parts.MaskView = MaskView;
})(window);
