/* Planes of grey values in and out of the page: PNG or JPEG -> bytes, bytes -> PNG; and the draft of a mask in the
   browser's own storage, so that a reload or a change of step loses nothing. */
(function (root) {
  'use strict';
  const parts = (root.PaddockMaskCanvas = root.PaddockMaskCanvas || {});
  const PREFIX = 'paddock-mask:', VERSION = 1, LONGEST_URL = 2048;

  async function loadImage(url) {
    const image = new Image();
    image.decoding = 'async';
    image.src = url;
    await image.decode();
    return image;
  }

  /* Bytes 0..255 at the size asked for; what is transparent counts as 0. */
  async function loadPlane(url, width, height) {
    const image = await loadImage(url), c = document.createElement('canvas');
    c.width = width;
    c.height = height;
    const g = c.getContext('2d', { willReadFrequently: true });
    g.fillStyle = '#000';
    g.fillRect(0, 0, width, height);
    g.imageSmoothingQuality = 'high';
    g.drawImage(image, 0, 0, width, height);
    const rgba = g.getImageData(0, 0, width, height).data, out = new Uint8Array(width * height);
    for (let i = 0, k = 0; i < out.length; i++, k += 4) out[i] = rgba[k];
    return out;
  }

  function planeCanvas(width, height, grey) {
    const c = document.createElement('canvas');
    c.width = width;
    c.height = height;
    const g = c.getContext('2d', { willReadFrequently: true }), image = g.createImageData(width, height);
    const p = new Uint32Array(image.data.buffer);
    for (let i = 0; i < p.length; i++) p[i] = 0xff000000 | (grey(i) * 0x010101);
    g.putImageData(image, 0, 0);
    return c;
  }

  const planeUrl = (width, height, grey) => planeCanvas(width, height, grey).toDataURL('image/png');
  const planeBlob = (width, height, grey) => new Promise((resolve) => planeCanvas(width, height, grey).toBlob(resolve, 'image/png'));

  /* A heat map is named by its address when that is short enough to be one; its picture is kept otherwise. The mask it
     gave is kept too, for the day the address no longer answers. */
  function writeDraft(key, layers) {
    const { width, height, state } = layers, plane = state.plane;
    layers.refresh();
    const draft = { version: VERSION, width, height, at: Date.now(), threshold: state.threshold, mode: state.mode,
      inverted: state.inverted, answers: state.answers, hand: planeUrl(width, height, (i) => (layers.hand[i] + 1) * 127.5 | 0) };
    if (state.frozen) draft.frozen = planeUrl(width, height, (i) => state.frozen[i] * 255);
    if (plane) {
      const cut = plane.heat ? Math.max(1, Math.ceil(state.threshold * 255 - 1e-6)) : 128;
      draft.plane = planeUrl(width, height, (i) => (plane.data[i] >= cut ? 255 : 0));
      if (plane.heat) draft.heat = plane.url && plane.url.length < LONGEST_URL && !plane.url.startsWith('blob:') ? plane.url
        : planeUrl(width, height, (i) => plane.data[i]);
    }
    root.localStorage.setItem(PREFIX + key, JSON.stringify(draft));
  }

  /* Puts a draft back and says so; a draft of another size belongs to another photo and is left alone. */
  async function readDraft(key, layers) {
    const { width, height } = layers, text = root.localStorage.getItem(PREFIX + key);
    const draft = text ? JSON.parse(text) : null;
    if (!draft || draft.version !== VERSION || draft.width !== width || draft.height !== height) return false;
    const hand = Int8Array.from(await loadPlane(draft.hand, width, height), (v) => (v < 64 ? -1 : v > 191 ? 1 : 0));
    const bits = async (url) => (await loadPlane(url, width, height)).map((v) => (v >= 128 ? 1 : 0));
    const state = { threshold: draft.threshold, mode: draft.mode, inverted: draft.inverted, answers: draft.answers || [] };
    if (draft.frozen) state.frozen = await bits(draft.frozen);
    if (draft.heat) {
      const data = await loadPlane(draft.heat, width, height).catch(() => null);
      if (data) state.plane = { data, heat: true, url: draft.heat };
    }
    if (!state.plane && draft.plane) state.plane = { data: await loadPlane(draft.plane, width, height), heat: false };
    layers.restore(hand, state);
    return true;
  }

  const dropDraft = (key) => root.localStorage.removeItem(PREFIX + key);
  Object.assign(parts, { loadImage, loadPlane, planeUrl, planeBlob, writeDraft, readDraft, dropDraft });
})(window);
