// Reads (and lays out) the marker strip of marker.py from a <video>, canvas or bitmap: {venue, clock} or null.
// A classic script, so that a test can hand it to any page: it defines globalThis.podiumMarker.
(() => {
  const COLUMNS = 20;
  const ROWS = 2;
  const MIN_CONTRAST = 60;

  const crc8 = (payload) => {
    let crc = 0;
    for (let shift = 24; shift >= 0; shift -= 8) {
      crc ^= (payload >>> shift) & 0xff;
      for (let i = 0; i < 8; i++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
    }
    return crc;
  };

  const parse = (means) => {
    const light = (means[0] + means[2]) / 2;
    const dark = (means[1] + means[3]) / 2;
    if (light - dark < MIN_CONTRAST) return null;
    const bits = means.map((mean) => (mean > (light + dark) / 2 ? 1 : 0));
    if (bits.slice(0, 4).join("") !== "1010") return null;
    const number = (from, length) =>
      bits.slice(from, from + length).reduce((value, bit) => value * 2 + bit, 0);
    const venue = number(4, 16);
    const clock = number(20, 12);
    // venue * 65536 + clock * 16 are the 28 bits and four zeros; >>> 0 keeps them unsigned.
    if (number(32, 8) !== crc8((venue * 65536 + clock * 16) >>> 0)) return null;
    return { venue, clock };
  };

  let canvas;
  const read = (source) => {
    const width = source.videoWidth ?? source.displayWidth ?? source.width;
    const height = source.videoHeight ?? source.displayHeight ?? source.height;
    const cell = width / COLUMNS;
    if (!width || cell < 4 || height < ROWS * cell) return null;
    const strip = Math.ceil(ROWS * cell);
    if (!canvas || canvas.width !== width || canvas.height !== strip) {
      canvas = new OffscreenCanvas(width, strip);
    }
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(source, 0, 0, width, strip, 0, 0, width, strip);
    const pixels = context.getImageData(0, 0, width, strip).data;
    const margin = cell * 0.3;
    const means = [];
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        let sum = 0;
        let count = 0;
        const bottom = Math.ceil((row + 1) * cell - margin);
        const right = Math.ceil((column + 1) * cell - margin);
        for (let y = Math.floor(row * cell + margin); y < bottom; y++) {
          for (let x = Math.floor(column * cell + margin); x < right; x++) {
            const at = (y * width + x) * 4;
            sum += 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
            count++;
          }
        }
        means.push(sum / count);
      }
    }
    return parse(means);
  };

  // The 40 cells, row by row, that say it: 1 is light.
  const cells = (venue, clock) => {
    const payload = (venue * 65536 + clock * 16) >>> 0;
    const bits = (value, length) =>
      Array.from({ length }, (_, i) => Math.floor(value / 2 ** (length - 1 - i)) % 2);
    return [1, 0, 1, 0, ...bits(venue, 16), ...bits(clock, 12), ...bits(crc8(payload), 8)];
  };

  globalThis.podiumMarker = { read, parse, cells };
})();
