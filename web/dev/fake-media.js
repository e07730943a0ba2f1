/**
 * Put into a page before its scripts run (Playwright: add_init_script), this plays WebRTC: every
 * receiver gets a drawn, moving picture. For looking at the pages only.
 */
(() => {
  let made = 0;
  function drawn(hue) {
    const canvas = document.createElement("canvas");
    canvas.width = 640;
    canvas.height = 360;
    const pen = canvas.getContext("2d");
    let t = 0;
    const paint = () => {
      t += 1;
      pen.fillStyle = `hsl(${hue} 30% 32%)`;
      pen.fillRect(0, 0, 640, 360);
      pen.fillStyle = `hsl(${hue} 25% 45%)`;
      pen.fillRect(0, 250, 640, 110);
      for (let i = 0; i < 5; i += 1) {
        const x = 100 + i * 110 + Math.sin(t / 20 + i) * 4;
        pen.fillStyle = "#d8b79a";
        pen.beginPath();
        pen.arc(x, 180, 26, 0, 7);
        pen.fill();
        pen.fillStyle = `hsl(${(hue + i * 40) % 360} 20% 22%)`;
        pen.fillRect(x - 40, 208, 80, 70);
      }
    };
    paint();
    setInterval(paint, 200);
    return canvas.captureStream(5).getVideoTracks()[0];
  }
  class FakePeer extends EventTarget {
    connectionState = "new";
    localDescription = null;
    remoteDescription = null;
    addTransceiver(kind) {
      const name = typeof kind === "string" ? kind : kind.kind;
      const track = name === "video" ? drawn((made++ * 67) % 360) : new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
      const sender = { track: null, replaceTrack: async (t) => (sender.track = t), getParameters: () => ({ encodings: [] }), setParameters: async () => {} };
      return { sender, receiver: { track }, setCodecPreferences() {} };
    }
    async createOffer() {
      return { type: "offer", sdp: "v=0\r\n" };
    }
    async setLocalDescription(d) {
      this.localDescription = d;
    }
    async setRemoteDescription(d) {
      this.remoteDescription = d;
      this.connectionState = "connected";
      this.onconnectionstatechange?.();
    }
    close() {}
  }
  window.RTCPeerConnection = FakePeer;
})();
