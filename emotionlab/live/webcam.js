// The browser's half of el.webcam(): camera, picture, boxes and bars. The kernel's half is webcam.py.
//
// A frame is drawn on a canvas, sent as a JPEG, answered with boxes and numbers, and forgotten. There is no
// recorder here, no storage and no address but the notebook's own connection to its kernel. Before this file stands
// panel.js.

const PATIENCE = 3000; // ms without an answer, or without a picture, after which something is said
const WORDS_EVERY = 3000; // ms between two announcements: a screen reader must be able to finish one
const FIGURES_EVERY = 1000; // ms between two looks at the speed
const CALM_EVERY = 500; // ms between two changes of the bars for who asks for reduced motion
const SETTLE = 600; // ms that a camera gets to find its exposure before a single picture
const LONGEST_STILL = 1600; // pixels along the longer side of a picture that is opened

const PROBLEMS = {
  NotAllowedError:
    "The camera was refused. Click the camera or lock sign beside the page's address, allow the camera, and press " +
    "Start camera again. If it stays refused, allow your browser to use the camera in the settings of your system.",
  NotFoundError: "No camera was found. Plug one in or switch it on, and press Start camera again.",
  NotReadableError:
    "The camera is there but gives no picture. Close other programs and tabs that use it (a video call?), and press " +
    "Start camera again.",
  OverconstrainedError: "The chosen camera is not there any more. Choose another one, and press Start camera.",
  NoCameraHere:
    "This page may not use a camera. Open JupyterLab in a browser at http://localhost or an https address; the " +
    "notebooks of VS Code get none, use el.app() or el.camera() there.",
};
const NEXT = " Until then: open a picture or photo, or use the drawn picture.";

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const withoutNumber = (face) => face.text.replace(/^\d+: /, "");

// Frames that have no answer yet. The kernel answers in the order in which it is asked, so an answer to one
// message shows that every earlier one has been answered or lost.
class Flight {
  constructor(most) {
    this.most = most;
    this.sent = new Map(); // number of the message: when its frame was taken
    this.last = 0; // number of the last message
  }
  get full() {
    return this.sent.size >= this.most;
  }
  answered(id) {
    const taken = this.sent.get(id);
    for (const one of [...this.sent.keys()]) if (one <= id) this.sent.delete(one);
    return taken;
  }
  clear() {
    this.sent.clear();
  }
}

// Boxes and labels: light on dark on everything, dashed where the network is not sure.
function drawFaces(canvas, result, colors, mirrored) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const scale = Math.min(canvas.clientWidth / result.width, canvas.clientHeight / result.height);
  const left = (canvas.clientWidth - scale * result.width) / 2;
  const top = (canvas.clientHeight - scale * result.height) / 2;
  const places = result.faces.map((face) => {
    const x = mirrored ? result.width - face.x - face.width : face.x;
    return { face, x: left + scale * x, y: top + scale * face.y, wide: scale * face.width, high: scale * face.height };
  });
  for (const { face, x, y, wide, high } of places) {
    pen.setLineDash([]);
    pen.lineWidth = 6;
    pen.strokeStyle = "#141414";
    pen.strokeRect(x, y, wide, high);
    pen.setLineDash(face.emotion in colors ? [] : [8, 8]);
    pen.lineWidth = 3;
    pen.strokeStyle = colors[face.emotion] ?? "#c8c8c8";
    pen.strokeRect(x, y, wide, high);
  }
  pen.font = "bold 15px system-ui, sans-serif";
  pen.textBaseline = "middle";
  const size = { width: canvas.clientWidth, height: canvas.clientHeight };
  const labels = placeLabels(places, (face) => pen.measureText(face.text).width + 20, size);
  labels.forEach(({ x, y, wide, high }, i) => {
    const { face } = places[i];
    pen.fillStyle = "#141414";
    pen.fillRect(x, y, wide, high);
    pen.fillStyle = colors[face.emotion] ?? "#c8c8c8";
    pen.fillRect(x, y, 6, high);
    pen.fillStyle = "#ffffff";
    pen.fillText(face.text, x + 12, y + high / 2);
  });
  return labels;
}

// Where each label goes: above its face, below it, one row further away, or inside; the first place that covers no
// label of a larger face and no other face, or the one that covers least.
function placeLabels(places, widthOf, size) {
  const shared = (a, b) =>
    Math.max(0, Math.min(a.x + a.wide, b.x + b.wide) - Math.max(a.x, b.x)) *
    Math.max(0, Math.min(a.y + a.high, b.y + b.high) - Math.max(a.y, b.y));
  const labels = [];
  const high = 24;
  for (const place of [...places].sort((a, b) => b.wide * b.high - a.wide * a.high)) {
    const wide = widthOf(place.face);
    const blocked = [...places.filter((other) => other !== place), ...labels.filter(Boolean)];
    const { x, y } = place;
    const rows = [y - high - 2, y + place.high + 2, y - 2 * high - 2, y + place.high + high + 2, y];
    const spots = rows.flatMap((row) =>
      [x, x + place.wide - wide].map((column) => ({
        x: Math.max(0, Math.min(column, size.width - wide)),
        y: Math.max(0, Math.min(row, size.height - high)),
        wide,
        high,
      })),
    );
    const covered = spots.map((spot) => blocked.reduce((sum, other) => sum + shared(spot, other), 0));
    labels[places.indexOf(place)] = spots[covered.indexOf(Math.min(...covered))];
  }
  return labels;
}

class Panel {
  constructor(model, el) {
    this.model = model;
    this.view = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`; // this view, not another of the cell
    this.flight = new Flight(model.get("in_flight"));
    this.colors = model.get("colors");
    this.stream = null;
    this.turn = 0; // grows with each start and stop: what an older one still brings is thrown away
    this.latencies = [];
    this.canvas = document.createElement("canvas");
    this.reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build();
    el.append(this.root);
    this.listen();
    this.setState("off");
    this.say("The camera is off.");
  }

  // ----------------------------------------------------------------------------- the page

  build() {
    const button = (text, title) => make("button", { type: "button", title }, text);
    this.startButton = button("Start camera", "Start or stop the camera; Escape stops it too");
    this.startButton.classList.add("ew-main");
    this.startButton.setAttribute("aria-keyshortcuts", "Escape");
    this.snapButton = button("Snapshot", "Keep one picture as .snapshot; starts the camera for a moment if it is off");
    this.openButton = button("Open a picture\u2026", "Choose a picture or photo of this device");
    this.drawnButton = button("Use the drawn picture", "A face that was drawn by a program");
    this.file = make("input", { type: "file", accept: "image/*", "aria-label": "Picture to open", hidden: "" });
    this.cameras = make("select", {}, make("option", { value: "" }, "default camera"));
    this.sizes = make("select", {}, ...[640, 320].map((n) => make("option", { value: n }, `${n} pixels wide`)));
    this.mirror = make("input", { type: "checkbox" });
    this.video = make("video", { muted: "", playsinline: "", "aria-label": "Live picture of the camera" });
    this.video.muted = true; // the attribute alone does not count for an element made by a script
    this.still = make("canvas", { role: "img", "aria-label": "The picture that was looked at", hidden: "" });
    this.overlay = make("canvas", { class: "ew-overlay", "aria-hidden": "true" });
    this.off = make("div", { class: "ew-off" }, "Camera off");
    this.stage = make("div", { class: "ew-stage" }, this.video, this.still, this.overlay, this.off);
    this.bars = new Bars(this.model.get("emotions"), this.colors);
    this.problem = make("p", { class: "ew-problem", role: "alert", hidden: "" });
    this.status = make("p", { class: "ew-status", role: "status", "aria-live": "polite" });
    this.speed = make("p", { class: "ew-speed" });
    const row = (...children) => make("div", { class: "ew-row" }, ...children);
    const label = (text, node) => make("label", {}, `${text} `, node);
    const choices = [label("Camera", this.cameras), label("Frames", this.sizes), label("Mirror", this.mirror)];
    this.root = make(
      "section",
      // JupyterLab would take Enter, Escape and letters for its own while a button here has the focus
      { class: "emotionlab-webcam", "aria-label": "Webcam", "data-lm-suppress-shortcuts": "true" },
      row(this.startButton, this.snapButton, this.openButton, this.drawnButton, this.file),
      row(...choices),
      this.problem,
      make("div", { class: "ew-columns" }, this.stage, this.bars.node),
      this.status,
      this.speed,
      make("p", { class: "ew-promise" }, promise()),
    );
  }

  listen() {
    this.startButton.onclick = () => (this.state === "off" ? this.start() : this.stop("The camera is off."));
    this.snapButton.onclick = () => this.takeSnapshot();
    this.openButton.onclick = () => this.file.click();
    this.drawnButton.onclick = () => this.useDrawn();
    this.file.onchange = () => this.openFile();
    this.cameras.onchange = () => this.restart();
    this.sizes.onchange = () => this.set("width", Number(this.sizes.value));
    this.mirror.onchange = () => this.set("mirror", this.mirror.checked);
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.state !== "off") this.stop("The camera is off.");
    });
    this.onSettings = () => this.showSettings();
    this.onMessage = (message, buffers) => this.receive(message, buffers);
    this.onDevices = () => this.listCameras();
    this.model.on("change:mirror", this.onSettings);
    this.model.on("change:width", this.onSettings);
    this.model.on("msg:custom", this.onMessage);
    navigator.mediaDevices?.addEventListener?.("devicechange", this.onDevices);
    this.showSettings();
    this.timer = window.setInterval(() => this.watch(), FIGURES_EVERY);
  }

  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  showSettings() {
    this.mirror.checked = this.model.get("mirror");
    this.sizes.value = String(this.model.get("width"));
    this.video.classList.toggle("ew-mirrored", this.mirror.checked);
  }

  setState(state) {
    this.state = state;
    this.root.dataset.state = state;
    this.startButton.textContent = state === "off" ? "Start camera" : "Stop camera";
    this.off.hidden = state !== "off" || !this.still.hidden;
    this.video.hidden = state === "off";
  }

  say(text, now = true) {
    const time = performance.now();
    if (text === this.status.textContent || (!now && time - (this.saidAt ?? 0) < WORDS_EVERY)) return;
    this.status.textContent = text;
    this.saidAt = time;
  }

  complain(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }

  // ----------------------------------------------------------------------------- the camera

  async start() {
    this.complain("");
    this.offerNext(false);
    this.still.hidden = true;
    this.clearFaces();
    this.setState("asking");
    this.say("Your browser may ask whether this page may use the camera: choose Allow.");
    const turn = ++this.turn;
    let stream;
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw { name: "NoCameraHere" };
      stream = await navigator.mediaDevices.getUserMedia(this.wish());
      if (turn !== this.turn) throw { name: "stopped" };
      this.video.srcObject = stream;
      await this.video.play();
      if (turn !== this.turn) throw { name: "stopped" };
    } catch (error) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      if (turn === this.turn) this.refused(error);
      return false;
    }
    this.began(stream);
    return true;
  }

  wish() {
    const video = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
    if (this.cameras.value) video.deviceId = { exact: this.cameras.value };
    else video.facingMode = "user";
    return { audio: false, video };
  }

  refused(error) {
    this.stop("The camera is off.");
    this.complain((PROBLEMS[error.name] ?? `The camera did not start (${error.name}: ${error.message}).`) + NEXT);
    this.offerNext(true);
  }

  // The next rung where the camera cannot be had: a picture of one's own, then the drawn one.
  offerNext(offer) {
    this.openButton.classList.toggle("ew-next", offer);
    this.drawnButton.classList.toggle("ew-next", offer);
  }

  began(stream) {
    this.stream = stream;
    this.flight.clear();
    this.latencies = [];
    this.patience = PATIENCE;
    this.problems = 0;
    this.news = this.frameAt = this.figuresAt = performance.now();
    this.stage.style.aspectRatio = `${this.video.videoWidth} / ${this.video.videoHeight}`;
    for (const track of stream.getTracks()) {
      track.onended = () => this.stop("The camera went away. Plug it in again, and press Start camera.");
    }
    this.setState("live");
    this.say("The camera is on.");
    this.listCameras();
    this.tell("started");
    this.loop(this.turn);
  }

  stop(text) {
    ++this.turn;
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.stream = null;
    this.video.srcObject = null;
    this.flight.clear();
    this.clearFaces();
    this.speed.textContent = "";
    this.setState("off");
    this.figures(0, 0);
    this.say(text);
  }

  async restart() {
    if (this.state === "off") return;
    this.stop("The camera changes.");
    await this.start();
  }

  async listCameras() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    const found = all.filter((device) => device.kind === "videoinput" && device.deviceId);
    const chosen = this.cameras.value;
    const names = found.map((device, i) =>
      make("option", { value: device.deviceId }, device.label || `camera ${i + 1}`),
    );
    this.cameras.replaceChildren(make("option", { value: "" }, "default camera"), ...names);
    this.cameras.value = found.some((device) => device.deviceId === chosen) ? chosen : "";
  }

  // ----------------------------------------------------------------------------- frames

  loop(turn) {
    if (turn !== this.turn || !this.stream) return;
    this.frameAt = performance.now();
    this.sendFrame(turn);
    const again = () => this.loop(turn);
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(again);
    else requestAnimationFrame(again);
  }

  async sendFrame(turn) {
    // never a queue: a frame that finds two others on their way is left out, and the next one is fresher
    if (this.flight.full || this.encoding || !this.video.videoWidth) return;
    this.encoding = true;
    const takenAt = performance.now();
    try {
      const width = Math.min(this.model.get("width"), this.video.videoWidth);
      const data = await this.encoded(this.video, width, "image/jpeg", 0.8);
      if (turn === this.turn) this.flight.sent.set(this.tell("frame", [data]), takenAt);
    } finally {
      this.encoding = false;
    }
  }

  async encoded(source, width, type, quality) {
    const [fullWidth, fullHeight] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
    this.canvas.width = Math.round(width);
    this.canvas.height = Math.round((width * fullHeight) / fullWidth);
    this.canvas.getContext("2d").drawImage(source, 0, 0, this.canvas.width, this.canvas.height);
    const blob = await new Promise((done) => this.canvas.toBlob(done, type, quality));
    return blob.arrayBuffer();
  }

  tell(kind, buffers = []) {
    const id = ++this.flight.last;
    this.model.send({ kind, id, view: this.view }, undefined, buffers);
    return id;
  }

  receive(message, buffers) {
    if (message.kind === "stop") return this.stop("The camera was switched off from a cell.");
    if (message.view !== this.view) {
      if (message.kind === "started" && this.stream) this.stop("The camera runs in another view of this panel.");
      return;
    }
    const sentAt = this.flight.answered(message.id);
    this.news = performance.now();
    this.patience = PATIENCE;
    if (message.id === this.stillAsked) return this.showStill(message, buffers);
    if (this.stillAsked && message.id > this.stillAsked) return this.showStill({ kind: "lost" }, []);
    if (message.kind === "pong") return this.complain("");
    if (message.kind === "kept") return this.say(kept(message.size));
    if (!this.stream) return;
    if (message.kind === "result") this.showResult(message, sentAt);
    if (message.kind === "problem") this.kernelProblem(message.text);
  }

  showResult(result, sentAt) {
    if (sentAt !== undefined) this.latencies.push(this.news - sentAt);
    this.problems = 0;
    this.complain("");
    this.times = result.milliseconds;
    this.root.dataset.frames = Number(this.root.dataset.frames ?? 0) + 1;
    this.show(result, this.mirror.checked);
  }

  show(result, mirrored) {
    const now = performance.now();
    if (this.reduced.matches && this.stream && now - (this.shownAt ?? 0) < CALM_EVERY) return;
    this.shownAt = now;
    const labels = drawFaces(this.overlay, result, this.colors, mirrored);
    this.root.dataset.labels = JSON.stringify(labels);
    this.showBars(result.faces[0] ?? null, result.faces.length);
    this.root.dataset.faces = result.faces.length;
    this.root.dataset.label = result.faces[0]?.text ?? "";
    this.say(inWords(result.faces), !this.stream);
  }

  showBars(face, count) {
    const which = count > 1 ? `face ${face.number ?? 1}, the largest of ${count}` : "the face";
    this.bars.show(face, face?.guess, face ? which : "no face");
  }

  clearFaces() {
    drawFaces(this.overlay, { width: 1, height: 1, faces: [] }, this.colors, false);
    this.showBars(null, 0);
    this.root.dataset.faces = 0;
    this.root.dataset.label = "";
  }

  kernelProblem(text) {
    this.problems += 1;
    this.complain(text);
    if (this.problems >= 5) this.stop("The camera is off, since the kernel could read no frame.");
  }

  // ----------------------------------------------------------------------------- single pictures

  async takeSnapshot() {
    const live = this.state === "live";
    if (!live && !(await this.startForOne())) return;
    const data = await this.encoded(this.video, this.video.videoWidth, "image/png");
    if (live) {
      this.tell("snapshot", [data]);
      return;
    }
    this.stop("The camera is off again.");
    await this.askAboutStill("still", data);
  }

  async startForOne() {
    if (!(await this.start())) return false;
    this.say("One picture is taken ...");
    const turn = this.turn;
    await new Promise((done) => window.setTimeout(done, SETTLE));
    return turn === this.turn;
  }

  async openFile() {
    const [file] = this.file.files;
    this.file.value = ""; // the same file may be chosen again
    if (!file) return;
    this.stop("The camera is off.");
    try {
      const image = await createImageBitmap(file); // turned as the photo's EXIF note says
      const width = image.width * Math.min(1, LONGEST_STILL / Math.max(image.width, image.height));
      await this.askAboutStill("still", await this.encoded(image, width, "image/jpeg", 0.95));
    } catch {
      this.complain(`${file.name} is no picture that this browser can read; choose a JPEG, PNG or WebP file.`);
    }
  }

  useDrawn() {
    this.stop("The camera is off.");
    return this.askAboutStill("bundled", null);
  }

  async askAboutStill(kind, data) {
    this.complain("");
    this.offerNext(false);
    this.news = performance.now();
    this.patience = PATIENCE;
    this.stillData = data;
    this.say("The kernel looks at the picture ...");
    this.stillAsked = this.tell(kind, data ? [data] : []);
  }

  async showStill(message, buffers) {
    this.stillAsked = null;
    if (message.kind !== "result") {
      this.say("The camera is off.");
      return this.complain(message.text ?? "The kernel was busy or interrupted; try once more.");
    }
    const image = await createImageBitmap(new Blob([buffers[0] ?? this.stillData]));
    if (this.stream) return; // started again meanwhile
    this.still.width = image.width;
    this.still.height = image.height;
    this.still.getContext("2d").drawImage(image, 0, 0);
    this.stillData = null;
    this.still.hidden = false;
    this.stage.style.aspectRatio = `${image.width} / ${image.height}`;
    this.setState("off");
    this.show(message, false);
    if (message.kept) this.say(`${this.status.textContent} ${kept([message.width, message.height])}`);
  }

  // ----------------------------------------------------------------------------- once a second

  watch() {
    const now = performance.now();
    if (this.stream && this.root.isConnected) {
      if (this.video.paused) this.video.play().catch(() => {}); // a cell that was scrolled away pauses its video
      this.measure(now);
      if (now - this.frameAt > PATIENCE && !document.hidden) {
        this.complain("The camera sends no picture. Is it covered, asleep, or used by another program?");
      }
    }
    const waiting = this.flight.sent.size > 0 || this.stillAsked;
    if (waiting && now - this.news > this.patience) {
      // one small question, each time after a longer wait: whatever comes back shows what has been lost
      this.tell("ping");
      this.patience *= 2;
      this.news = now;
      this.complain(
        "The kernel does not answer. It may be busy with another cell: then this goes on by itself. " +
          "If it was restarted, run this cell again.",
      );
    }
  }

  measure(now) {
    const seconds = (now - this.figuresAt) / 1000;
    const [fps, latency] = [this.latencies.length / seconds, median(this.latencies)];
    this.figuresAt = now;
    this.latencies = [];
    this.figures(fps, latency);
    const steps = Object.entries(this.times ?? {}).map(([step, value]) => `${step} ${value.toFixed(1)}`);
    this.speed.textContent =
      `${fps.toFixed(0)} frames a second, ${latency.toFixed(0)} ms from camera to box` +
      (steps.length ? ` (in the kernel: ${steps.join(", ")} ms)` : "");
  }

  figures(fps, latency) {
    this.root.dataset.fps = fps.toFixed(1);
    this.root.dataset.latency = latency.toFixed(1);
    try {
      this.model.set("fps", fps);
      this.model.set("latency", latency);
      this.model.save_changes();
    } catch {
      // the kernel is gone, and nobody is left to be told
    }
  }

  // ----------------------------------------------------------------------------- the end

  // Called when the cell is cleared or run again, or its notebook is closed.
  remove() {
    window.clearInterval(this.timer);
    this.stop("The camera is off.");
    this.model.off("change:mirror", this.onSettings);
    this.model.off("change:width", this.onSettings);
    this.model.off("msg:custom", this.onMessage);
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.onDevices);
  }
}

function kept([width, height]) {
  return `Kept in the kernel's memory as .snapshot (${width} x ${height} pixels).`;
}

function inWords(faces) {
  if (!faces.length) return "No face in the picture.";
  const told = faces.slice(0, 3).map((face) => (face.emotion in face ? face.emotion : withoutNumber(face)));
  return `${faces.length === 1 ? "One face" : `${faces.length} faces`}: ${told.join(", ")}.`;
}

function promise() {
  const here = ["localhost", "127.0.0.1", "[::1]"].includes(window.location.hostname);
  const where = here ? "the kernel on this computer" : `your kernel, which runs behind ${window.location.hostname}`;
  return (
    `Nothing is recorded. Each frame goes to ${where} and nowhere else, is looked at there and forgotten; ` +
    "no file is written. Only Snapshot and Open a picture keep one, in memory, as .snapshot."
  );
}

function render({ model, el }) {
  const panel = new Panel(model, el);
  return () => panel.remove();
}

export default { render };
