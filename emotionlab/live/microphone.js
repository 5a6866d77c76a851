// The browser's half of el.microphone() and of the app's tab Voice: microphone, level, sign, bars. The other half is
// microphone.py in the notebook and app_voice.py in the app. Before this file stands panel.js.
//
// A recording lives in this page's memory until it is sent, and is forgotten then. There is no storage here and no
// address but the page's own connection to the program that answers.

const PATIENCE = 6000; // ms without an answer after which something is said
const LEVEL_EVERY = 100; // ms between two looks at the level; also what a screen reader may ask for
const FLOOR = -60; // dB of full scale at which the level meter is empty
const [QUIET, LOUD] = [-40, -1]; // dB below which a voice is hard to hear, and above which it is cut off

const PROBLEMS = {
  NotAllowedError:
    "The microphone was refused. Click the microphone or lock sign beside the page's address, allow the microphone, " +
    "and press Start recording again. If it stays refused, allow your browser to use the microphone in the settings " +
    "of your system.",
  NotFoundError: "No microphone was found. Plug one in or switch it on, and press Start recording again.",
  NotReadableError:
    "The microphone is there but gives no sound. Close other programs and tabs that use it (a video call?), and " +
    "press Start recording again.",
  OverconstrainedError: "The chosen microphone is not there any more. Choose another one, and record again.",
  NoMicrophoneHere:
    "This page may not use a microphone. Open it in a browser at http://localhost or an https address; the " +
    "notebooks of VS Code get none, use el.app() there.",
};
const NEXT = " Until then: open a sound file, or use the bundled voice.";

class Panel {
  constructor(model, el) {
    this.model = model;
    this.view = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`; // this view, not another of the cell
    this.turn = 0; // grows with each start and stop: what an older one still brings is thrown away
    this.last = 0; // number of the last message
    this.asked = null; // number of the message that waits for its answer
    this.build();
    el.append(this.root);
    this.listen();
    this.setState("off");
    this.say("The microphone is off.");
  }

  // ----------------------------------------------------------------------------- the page

  build() {
    const button = (text, title) => make("button", { type: "button", title }, text);
    const seconds = this.model.get("seconds");
    this.startButton = button("Start recording", `Record at most ${seconds} seconds; Escape throws the recording away`);
    this.startButton.classList.add("ew-main");
    this.startButton.setAttribute("aria-keyshortcuts", "Escape");
    this.openButton = button("Open a sound\u2026", "Choose a sound or a film of this device");
    this.bundledButton = button("Use the bundled voice", "An actor of EMO-DB, who speaks German");
    const files = { type: "file", accept: "audio/*,video/*", "aria-label": "Sound to open", hidden: "" };
    this.file = make("input", files);
    this.microphones = make("select", {}, make("option", { value: "" }, "default microphone"));
    this.sign = make("p", { class: "ew-sign", hidden: "" });
    this.fill = make("div", { class: "ew-fill" });
    const meter = { role: "meter", "aria-label": "Level", "aria-valuemin": FLOOR, "aria-valuemax": 0 };
    this.level = make("div", { class: "ew-track ew-level", ...meter }, this.fill);
    this.levelWords = make("span", { class: "ew-level-words", "aria-hidden": "true" });
    const emotions = [this.model.get("emotions"), this.model.get("colors"), this.model.get("never")];
    this.bars = new Bars(...emotions);
    this.problem = make("p", { class: "ew-problem", role: "alert", hidden: "" });
    this.status = make("p", { class: "ew-status", role: "status", "aria-live": "polite" });
    const row = (...children) => make("div", { class: "ew-row" }, ...children);
    this.root = make(
      "section",
      // JupyterLab would take Enter, Escape and letters for its own while a button here has the focus
      {
        class: "emotionlab-webcam emotionlab-microphone",
        "aria-label": "Microphone",
        "data-lm-suppress-shortcuts": "true",
      },
      row(this.startButton, this.openButton, this.bundledButton, this.file),
      row(make("label", {}, "Microphone ", this.microphones)),
      this.sign,
      row(make("span", { "aria-hidden": "true" }, "Level"), this.level, this.levelWords),
      this.problem,
      this.status,
      this.bars.node,
      make("p", { class: "ew-promise" }, this.model.get("promise")),
    );
    this.showLevel(FLOOR);
  }

  listen() {
    const act = (button, action) => {
      button.onclick = () => button.getAttribute("aria-disabled") === "true" || action();
    };
    act(this.startButton, () => (this.state === "recording" ? this.finish() : this.start()));
    act(this.openButton, () => this.file.click());
    act(this.bundledButton, () => this.useBundled());
    this.file.onchange = () => this.openFile();
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.stream) this.stop("The recording was thrown away.");
    });
    this.onMessage = (message) => this.receive(message);
    this.onDevices = () => this.listMicrophones();
    this.model.on("msg:custom", this.onMessage);
    navigator.mediaDevices?.addEventListener?.("devicechange", this.onDevices);
  }

  setState(state) {
    this.state = state;
    this.root.dataset.state = state;
    const waits = state === "asking" || state === "waiting";
    this.startButton.textContent = state === "recording" ? "Stop and listen" : "Start recording";
    // not "disabled": a button that is disabled loses the focus, and with it the keys
    this.startButton.setAttribute("aria-disabled", waits);
    for (const node of [this.openButton, this.bundledButton]) {
      node.setAttribute("aria-disabled", waits || state === "recording");
    }
    this.sign.hidden = state !== "recording";
  }

  say(text) {
    this.status.textContent = text;
  }

  complain(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }

  // The next rung where there is no microphone: a sound of one's own, then the bundled voice.
  offerNext(offer) {
    this.openButton.classList.toggle("ew-next", offer);
    this.bundledButton.classList.toggle("ew-next", offer);
  }

  clear() {
    this.complain("");
    this.offerNext(false);
    this.bars.show(null, "", "");
    this.root.dataset.label = "";
  }

  // ----------------------------------------------------------------------------- recording

  async start() {
    this.clear();
    this.asked = null; // an answer that comes late would stand beside another recording
    this.setState("asking");
    this.say("Your browser may ask whether this page may use the microphone: choose Allow.");
    const turn = ++this.turn;
    try {
      if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw { name: "NoMicrophoneHere" };
      const stream = await navigator.mediaDevices.getUserMedia(this.wish());
      if (turn === this.turn) this.record(stream, turn);
      else for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      if (turn === this.turn) this.refused(error);
    }
  }

  wish() {
    // the network learnt from voices as they are: a browser's clean-up for calls would change them
    const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    if (this.microphones.value) audio.deviceId = { exact: this.microphones.value };
    return { audio, video: false };
  }

  refused(error) {
    this.stop("The microphone is off.");
    const unknown = `The microphone did not start (${error.name}: ${error.message}).`;
    this.complain((PROBLEMS[error.name] ?? unknown) + NEXT);
    this.offerNext(true);
  }

  record(stream, turn) {
    this.stream = stream;
    this.parts = [];
    this.recorder = new MediaRecorder(stream, { audioBitsPerSecond: 128_000 });
    this.recorder.ondataavailable = (event) => turn === this.turn && this.parts.push(event.data);
    for (const track of stream.getTracks()) {
      track.onended = () => this.stop("The microphone went away. Plug it in again, and record anew.");
    }
    this.watchLevel(stream);
    this.recorder.start();
    this.startedAt = performance.now();
    this.timer = window.setInterval(() => this.tick(), LEVEL_EVERY);
    this.setState("recording");
    this.tick();
    this.say(`Recording: speak now. It ends by itself after ${this.model.get("seconds")} seconds.`);
    this.listMicrophones();
  }

  watchLevel(stream) {
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
  }

  tick() {
    const [seconds, most] = [(performance.now() - this.startedAt) / 1000, this.model.get("seconds")];
    this.sign.textContent = `\u25CF Recording: ${Math.min(seconds, most).toFixed(1)} of ${most} seconds`;
    this.analyser.getFloatTimeDomainData(this.samples);
    const peak = this.samples.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    this.showLevel(Math.max(FLOOR, 20 * Math.log10(peak)));
    if (seconds >= most) this.finish();
  }

  showLevel(decibels) {
    const words = !this.stream ? "" : decibels < QUIET ? "quiet" : decibels > LOUD ? "too loud" : "good";
    this.fill.style.width = `${100 * (1 - decibels / FLOOR)}%`;
    this.levelWords.textContent = words;
    this.level.setAttribute("aria-valuenow", decibels.toFixed(0));
    this.level.setAttribute("aria-valuetext", words || "the microphone is off");
  }

  // End the recording and have it listened to.
  finish() {
    const [recorder, parts, turn] = [this.recorder, this.parts, this.turn];
    window.clearInterval(this.timer);
    recorder.onstop = async () => {
      if (turn !== this.turn) return;
      this.stop("");
      await this.ask("sound", await new Blob(parts).arrayBuffer(), "the recording");
    };
    recorder.stop();
  }

  // Switch the microphone off; what was recorded and not sent is forgotten.
  stop(text) {
    ++this.turn;
    window.clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.context?.close();
    this.stream = this.context = this.recorder = this.parts = null;
    this.showLevel(FLOOR);
    this.setState("off");
    this.say(text);
  }

  async listMicrophones() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    const found = all.filter((device) => device.kind === "audioinput" && !["", "default"].includes(device.deviceId));
    const chosen = this.microphones.value;
    const names = found.map((device, i) =>
      make("option", { value: device.deviceId }, device.label || `microphone ${i + 1}`),
    );
    this.microphones.replaceChildren(make("option", { value: "" }, "default microphone"), ...names);
    this.microphones.value = found.some((device) => device.deviceId === chosen) ? chosen : "";
  }

  // ----------------------------------------------------------------------------- other sounds

  async openFile() {
    const [file] = this.file.files;
    this.file.value = ""; // the same file may be chosen again
    if (!file) return;
    this.clear();
    const most = this.model.get("largest");
    if (file.size > most) {
      const found = `${(file.size / 1e6).toFixed(0)} MB`;
      this.complain(`Expected a sound of at most ${most / 1e6} MB, found ${found} in ${file.name}; take a part of it.`);
      return;
    }
    await this.ask("sound", await file.arrayBuffer(), file.name);
  }

  useBundled() {
    this.clear();
    return this.ask("bundled", null, "the bundled voice");
  }

  // ----------------------------------------------------------------------------- asking

  async ask(kind, data, name) {
    this.setState("waiting");
    this.say(`The network listens to ${name} ...`);
    this.asked = ++this.last;
    this.patience = window.setTimeout(() => {
      this.setState("off"); // so that one can try again
      this.complain(
        "There is no answer yet. The program may be busy: then it comes by itself. If it was started anew, run this " +
          "cell again, or load the page again.",
      );
    }, PATIENCE);
    this.model.send({ kind, name, id: this.asked, view: this.view }, undefined, data ? [data] : []);
  }

  receive(message) {
    if (message.kind === "stop") return this.stop("The microphone was switched off from a cell.");
    if (message.view !== this.view || message.id !== this.asked) return;
    window.clearTimeout(this.patience);
    this.asked = null;
    this.complain("");
    if (!this.stream) this.setState("off");
    if (message.kind === "result") return this.show(message);
    this.say("The microphone is off.");
    this.complain(message.text ?? "The program was busy or interrupted; try once more.");
  }

  show(answer) {
    this.bars.show(answer.probabilities, answer.guess, answer.text);
    this.root.dataset.label = answer.text;
    this.say(answer.words);
  }

  // Called when the cell is cleared or run again, or its notebook is closed.
  remove() {
    window.clearTimeout(this.patience);
    this.stop("The microphone is off.");
    this.model.off("msg:custom", this.onMessage);
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.onDevices);
  }
}

function render({ model, el }) {
  const panel = new Panel(model, el);
  return () => panel.remove();
}

export default { render };
