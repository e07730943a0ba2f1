// Handed to every page before its own scripts: keeps the peers, and hands out what tests ask for.
(() => {
  const Native = globalThis.RTCPeerConnection;
  const peers = [];
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      peers.push(this);
    }
  };

  // The tests' voices are plain tones, which noise suppression is made to remove.
  const media = navigator.mediaDevices;
  if (media) {
    const ask = media.getUserMedia.bind(media);
    media.getUserMedia = async (wanted) => {
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const audio = wanted.audio
        ? { ...(wanted.audio === true ? {} : wanted.audio), ...plain }
        : wanted.audio;
      const stream = await ask({ ...wanted, audio });
      const number = globalThis.podiumCamera;
      if (number === undefined || !wanted.video) return stream;
      for (const track of stream.getVideoTracks()) stream.removeTrack(track);
      stream.addTrack(markedCanvas(number).captureStream(12).getVideoTracks()[0]);
      return stream;
    };
  }

  // A camera whose picture carries a strip, for browsers that take no file as a camera.
  const markedCanvas = (number) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [640, 360];
    const context = canvas.getContext("2d");
    let count = 0;
    const paint = () => {
      context.fillStyle = "#345";
      context.fillRect(0, 0, 640, 360);
      context.fillStyle = "#fff";
      context.fillRect((count * 8) % 600, 300, 40, 30);
      podiumMarker.cells(number, Date.now() % 4096).forEach((bit, at) => {
        context.fillStyle = bit ? "#e1e1e1" : "#1c1c1c";
        context.fillRect((at % 20) * 32, at < 20 ? 0 : 32, 32, 32);
      });
      count++;
    };
    setInterval(paint, 80);
    paint();
    return canvas;
  };

  const live = () => peers.filter((peer) => peer.connectionState === "connected");

  // A sender's own receiver has a track too, which stays muted.
  const soundTrack = () =>
    live()
      .flatMap((peer) => peer.getReceivers())
      .map((receiver) => receiver.track)
      .find((track) => track.kind === "audio" && track.readyState === "live" && !track.muted);

  const recorded = async (track, milliseconds) => {
    const recorder = new MediaRecorder(new MediaStream([track]));
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const stopped = new Promise((done) => (recorder.onstop = done));
    recorder.start();
    setTimeout(() => recorder.stop(), milliseconds);
    await stopped;
    const data = await new Blob(parts).arrayBuffer();
    const buffer = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(data);
    return buffer.getChannelData(0);
  };

  const goertzel = (samples, frequency, rate) => {
    let real = 0;
    let imaginary = 0;
    let weight = 0;
    samples.forEach((sample, at) => {
      const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / samples.length);
      const angle = (2 * Math.PI * frequency * at) / rate;
      real += sample * hann * Math.cos(angle);
      imaginary += sample * hann * Math.sin(angle);
      weight += hann;
    });
    return (2 * Math.hypot(real, imaginary)) / weight;
  };

  const stats = async (type) => {
    const found = [];
    for (const peer of live()) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type === type) found.push({ ...report });
      }
    }
    return found;
  };

  globalThis.podiumTest = {
    // Numbers in the pictures of all video elements but the own one, by the strip.
    shown: () =>
      [...document.querySelectorAll("video")]
        .map((video) => podiumMarker.read(video))
        .filter((marker) => marker !== null)
        .map((marker) => marker.venue),
    // Amplitudes (of 1) of the given frequencies in the sound that is received now; null while
    // there is none.
    tones: async (frequencies, milliseconds = 1500) => {
      const track = soundTrack();
      if (track === undefined) return null;
      const samples = await recorded(track, milliseconds);
      const middle = samples.slice(samples.length / 4);
      return frequencies.map((frequency) => goertzel(middle, frequency, 48000));
    },
    hasSound: () => soundTrack() !== undefined,
    stats,
    ciphers: async () => (await stats("transport")).map((report) => report.srtpCipher),
    framesDecoded: async () =>
      (await stats("inbound-rtp"))
        .filter((report) => report.kind === "video")
        .reduce((sum, report) => sum + (report.framesDecoded ?? 0), 0),
  };
})();
