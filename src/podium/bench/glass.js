// Both ends of the glass-to-glass measurement. A picture carries the wall clock in a strip of 32
// square cells along its top edge: sync 1 0 1 0, 24 bits of milliseconds, 4 bits of their sum.
// An expression, so that it can be evaluated in any page: it defines globalThis.podiumGlass.
(() => {
  const CELLS = 32;
  const CLOCK_BITS = 24;
  const PERIOD = 2 ** CLOCK_BITS;
  const now = () => performance.timeOrigin + performance.now();
  const clock = () => Math.floor(now()) % PERIOD;

  const sum = (value) => {
    let total = 0;
    for (let shift = 0; shift < CLOCK_BITS; shift += 4) total += (value >>> shift) & 15;
    return total & 15;
  };

  const bitsOf = (value) =>
    [...`1010${value.toString(2).padStart(CLOCK_BITS, "0")}${sum(value).toString(2).padStart(4, "0")}`];

  // A moving picture of that size with the clock in it, `rate` times a second.
  const camera = (width, height, rate) => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    const stream = canvas.captureStream(0);
    const [track] = stream.getVideoTracks();
    const cell = width / CELLS;
    let count = 0;
    setInterval(() => {
      context.fillStyle = `hsl(${(count * 3) % 360} 60% 50%)`;
      context.fillRect(0, 0, width, height);
      context.fillStyle = "#222";
      for (let i = 0; i < 12; i++) {
        context.fillRect((count * 7 + i * 97) % width, height / 3 + ((i * 53) % (height / 2)), 40, 30);
      }
      bitsOf(clock()).forEach((bit, i) => {
        context.fillStyle = bit === "1" ? "#eee" : "#111";
        context.fillRect(i * cell, 0, cell, cell);
      });
      track.requestFrame();
      count++;
    }, 1000 / rate);
    return stream;
  };

  // The clock in what a video shows, or null.
  const reader = () => {
    const canvas = new OffscreenCanvas(CELLS, 1);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    return (video) => {
      const cell = video.videoWidth / CELLS;
      // The middle of every cell, scaled to one pixel.
      context.drawImage(video, 0, cell * 0.3, video.videoWidth, cell * 0.4, 0, 0, CELLS, 1);
      const pixels = context.getImageData(0, 0, CELLS, 1).data;
      const bits = Array.from({ length: CELLS }, (_, i) => (pixels[i * 4 + 1] > 128 ? 1 : 0));
      const number = (from, length) =>
        bits.slice(from, from + length).reduce((value, bit) => value * 2 + bit, 0);
      const value = number(4, CLOCK_BITS);
      const whole = number(0, 4) === 10 && number(4 + CLOCK_BITS, 4) === sum(value);
      return whole ? value : null;
    };
  };

  const gathered = (pc) =>
    new Promise((resolve) => {
      if (pc.iceGatheringState === "complete") resolve();
      pc.addEventListener("icegatheringstatechange", () => {
        if (pc.iceGatheringState === "complete") resolve();
      });
    });

  const connected = (pc) =>
    new Promise((resolve, reject) => {
      pc.addEventListener("connectionstatechange", () => {
        if (pc.connectionState === "connected") resolve();
        if (pc.connectionState === "failed") reject(new Error("the connection failed"));
      });
    });

  const negotiate = async (pc, path, token) => {
    const up = connected(pc);
    await pc.setLocalDescription();
    await gathered(pc);
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
      body: pc.localDescription.sdp,
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    await up;
  };

  // With sound from the microphone, if asked for.
  const publish = async (token, width, height, rate, sound) => {
    const pc = new RTCPeerConnection();
    const stream = camera(width, height, rate);
    if (sound) {
      const heard = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of heard.getAudioTracks()) stream.addTrack(track);
    }
    for (const track of stream.getTracks()) {
      const video = track.kind === "video";
      pc.addTransceiver(track, {
        direction: "sendonly",
        streams: [stream],
        sendEncodings: video ? [{ maxBitrate: 1_500_000 }] : [{}],
      });
    }
    await negotiate(pc, "/whip", token);
    globalThis.podiumGlass.pc = pc;
  };

  const watch = async (token, sound) => {
    const pc = new RTCPeerConnection();
    const video = document.createElement("video");
    video.muted = true;
    video.autoplay = true;
    const stream = new MediaStream();
    video.srcObject = stream;
    document.documentElement.appendChild(video);
    pc.addEventListener("track", (event) => stream.addTrack(event.track));
    if (sound) pc.addTransceiver("audio", { direction: "recvonly" });
    pc.addTransceiver("video", { direction: "recvonly" });
    await negotiate(pc, "/whep", token);
    const read = reader();
    const seen = { ages: [], unread: 0, width: 0 };
    const look = () => {
      const value = read(video);
      if (value === null) seen.unread++;
      else seen.ages.push((clock() - value + PERIOD) % PERIOD);
      seen.width = video.videoWidth;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    Object.assign(globalThis.podiumGlass, { pc, seen });
  };

  // What was seen since the last time.
  const take = () => {
    const { seen } = globalThis.podiumGlass;
    const taken = { ...seen };
    Object.assign(seen, { ages: [], unread: 0 });
    return taken;
  };

  // What the receiving browser itself adds, milliseconds per picture.
  const delays = async () => {
    const stats = [...(await globalThis.podiumGlass.pc.getStats()).values()];
    const video = stats.find((one) => one.type === "inbound-rtp" && one.kind === "video");
    if (!video) return {};
    const per = (total, count) => (count ? (1000 * total) / count : null);
    return {
      jitter_buffer_ms: per(video.jitterBufferDelay, video.jitterBufferEmittedCount),
      decode_ms: per(video.totalDecodeTime, video.framesDecoded),
      lost: video.packetsLost,
      freezes: video.freezeCount,
      codec: stats.find((one) => one.id === video.codecId)?.mimeType,
      srtp: stats.find((one) => one.type === "transport")?.srtpCipher,
    };
  };

  globalThis.podiumGlass = { publish, watch, take, delays };
})();
