// "Try it": the recogniser of the course in the reader's browser. Lesson 10 builds the same in Python.
//
// A picture goes from a file or the camera to a canvas, from there through two small networks, and is forgotten.
// Nothing is sent: the only requests are for files of this site, before the first picture is looked at.
(() => {
  "use strict";
  const SETTINGS = window.EMOTIONLAB_TRY; // written by the build, so that Python and this page use the same numbers
  const [EMOTIONS, NOT_SURE] = [SETTINGS.emotions, "not sure"];
  const SIDE = 48; // pixels of a face as the network sees it
  const FINEST = 16; // a face of up to 16 * 48 pixels is averaged exactly
  const STRIDES = [8, 16, 32]; // YuNet looks for faces in cells of three sizes
  const LONGEST_PICTURE = 2400; // a larger picture is made smaller first
  const WORDS_EVERY = 3000; // ms between two announcements of the same labels, so that a screen reader can finish one
  const at = (name) => document.getElementById(`el-try-${name}`);
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const percent = (share) => `${(100 * share).toFixed(0)} %`;

  // ---- pixels
  // For each of `to` places: where it takes its value from, of `from` places, and with which weights. Smaller: the mean
  // over what it covers. Larger: between the two nearest.
  function spans(from, to) {
    const step = from / to;
    return Array.from({ length: to }, (_, i) => {
      if (step <= 1) {
        const middle = clamp((i + 0.5) * step - 0.5, 0, from - 1);
        const first = Math.min(Math.floor(middle), Math.max(0, from - 2));
        return { first, weights: from > 1 ? [1 - (middle - first), middle - first] : [1] };
      }
      const [start, end] = [i * step, Math.min((i + 1) * step, from)];
      const first = Math.floor(start + 1e-3);
      const covered = (_, k) => (Math.min(first + k + 1, end) - Math.max(first + k, start)) / (end - start);
      return { first, weights: Array.from({ length: Math.ceil(end - 1e-3) - first }, covered) };
    });
  }

  // The picture at another size as three planes, blue first, as YuNet learned; beyond it zeros up to multiples of 32.
  function planes(picture, wide, high) {
    const [across, down] = [32 * Math.ceil(wide / 32), 32 * Math.ceil(high / 32)];
    const plane = across * down;
    const values = new Float32Array(3 * plane);
    const columns = spans(picture.width, wide);
    spans(picture.height, high).forEach((row, y) => {
      columns.forEach((column, x) => {
        let red = 0, green = 0, blue = 0;
        for (let j = 0; j < row.weights.length; j++) {
          let place = 4 * ((row.first + j) * picture.width + column.first);
          for (let i = 0; i < column.weights.length; i++, place += 4) {
            const weight = row.weights[j] * column.weights[i];
            red += weight * picture.data[place];
            green += weight * picture.data[place + 1];
            blue += weight * picture.data[place + 2];
          }
        }
        [blue, green, red].forEach((value, i) => (values[i * plane + y * across + x] = Math.round(value)));
      });
    });
    return new window.ort.Tensor("float32", values, [1, 3, down, across]);
  }

  // Luma of ITU-R BT.601 in whole numbers, as Pillow computes it.
  function grey({ width, height, data }) {
    const luma = (_, i) => (19595 * data[4 * i] + 38470 * data[4 * i + 1] + 7471 * data[4 * i + 2] + 32768) >> 16;
    return new Uint8Array(width * height).map(luma);
  }

  // ---- where the faces are
  async function detect(picture, longest) {
    const scale = Math.min(4, longest / Math.max(picture.width, picture.height));
    const [wide, high] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
    if (Math.min(picture.width, picture.height, wide, high) < 12) return [];
    const input = planes(picture, wide, high);
    const output = await networks.detector.run({ input });
    const ratio = { across: picture.width / wide, down: picture.height / high };
    const boxes = STRIDES.flatMap((stride) => boxesAt(stride, input.dims[3] / stride, output, ratio));
    return strongest(boxes).sort((a, b) => b.width * b.height - a.width * a.height);
  }

  // What YuNet says at one size of cells: a cell is sure that it holds a face, or holds none.
  function boxesAt(stride, columns, output, ratio) {
    const [across, down] = [stride * ratio.across, stride * ratio.down];
    const [sure, there, place, points] = ["cls", "obj", "bbox", "kps"].map((name) => output[`${name}_${stride}`].data);
    const found = [];
    for (let i = 0; i < sure.length; i++) {
      const score = Math.sqrt(clamp(sure[i], 0, 1) * clamp(there[i], 0, 1));
      if (score < SETTINGS.detector.threshold) continue;
      const [column, row] = [i % columns, Math.floor(i / columns)];
      const [width, height] = [Math.exp(place[4 * i + 2]) * across, Math.exp(place[4 * i + 3]) * down];
      const x = (column + place[4 * i]) * across - width / 2;
      const y = (row + place[4 * i + 1]) * down - height / 2;
      const eye = (k) => [(points[10 * i + k] + column) * across, (points[10 * i + k + 1] + row) * down];
      found.push({ x, y, width, height, score, eyes: [eye(0), eye(2)] });
    }
    return found;
  }

  // Of boxes that lie over each other only the surest stays.
  function strongest(boxes) {
    const free = (kept, box) => kept.every((other) => overlap(box, other) <= SETTINGS.detector.overlap);
    const surest = boxes.sort((a, b) => b.score - a.score).slice(0, SETTINGS.detector.most);
    return surest.reduce((kept, box) => (free(kept, box) ? [...kept, box] : kept), []);
  }

  function overlap(a, b) {
    const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
    const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
    const shared = Math.max(0, across) * Math.max(0, down);
    return shared / (a.width * a.height + b.width * b.height - shared);
  }

  // ---- the crop
  // One face of 48 x 48 grey values, upright and framed as in FER-2013: sampled on a fine grid, then averaged.
  function crop(shades, picture, box) {
    const { across, down, size } = SETTINGS.framing;
    const side = Math.sqrt(box.width * box.height) / size;
    const [[x1, y1], [x2, y2]] = box.eyes;
    const lean = Math.atan2(y2 - y1, x2 - x1);
    const turn = Math.abs(lean) <= Math.PI / 4 ? lean : 0;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const x = box.x + box.width / 2 + cos * (0.5 - across) * side - sin * (0.5 - down) * side;
    const y = box.y + box.height / 2 + sin * (0.5 - across) * side + cos * (0.5 - down) * side;
    const fine = clamp(Math.ceil(side / SIDE - 0.01), 1, FINEST);
    const grid = SIDE * fine;
    const [step, middle] = [side / grid, (grid - 1) / 2];
    const face = new Float32Array(SIDE * SIDE);
    for (let row = 0; row < grid; row++) {
      for (let column = 0; column < grid; column++) {
        const [right, down] = [step * (column - middle), step * (row - middle)];
        const place = Math.floor(row / fine) * SIDE + Math.floor(column / fine);
        face[place] += between(shades, picture, x - 0.5 + cos * right - sin * down, y - 0.5 + sin * right + cos * down);
      }
    }
    return face.map((sum) => Math.round(sum / fine ** 2));
  }

  // The grey value between four pixels, in steps of 1/32 as OpenCV takes them; beyond the edge the last pixels repeat.
  function between(shades, { width, height }, x, y) {
    [x, y] = [Math.round(32 * x) / 32, Math.round(32 * y) / 32];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const value = (i, j) => shades[clamp(j, 0, height - 1) * width + clamp(i, 0, width - 1)];
    const mixed = (j) => value(left, j) + (x - left) * (value(left + 1, j) - value(left, j));
    return Math.round(mixed(top) + (y - top) * (mixed(top + 1) - mixed(top)));
  }

  // ---- which expression
  let networks; // {detector, classifier}, once they are loaded
  async function classify(faces) {
    if (!faces.length) return [];
    const all = Float32Array.from(faces.flatMap((face) => [...face]));
    const pictures = new window.ort.Tensor("float32", all, [faces.length, 1, SIDE, SIDE]);
    const { logits } = await networks.classifier.run({ pictures });
    return faces.map((_, i) => softmax([...logits.data.slice(7 * i, 7 * i + 7)].map((z) => z / SETTINGS.temperature)));
  }

  function softmax(logits) {
    const powers = logits.map((z) => Math.exp(z - Math.max(...logits)));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }

  const best = (probabilities) => probabilities.indexOf(Math.max(...probabilities));
  // The label after `shown`: it changes only when another emotion is clearly ahead.
  function label(shown, probabilities) {
    const [most, before] = [Math.max(...probabilities), probabilities[EMOTIONS.indexOf(shown)]];
    const sure = most >= SETTINGS.threshold ? EMOTIONS[best(probabilities)] : NOT_SURE;
    if (shown === NOT_SURE || most - before >= SETTINGS.tracker.lead) return sure;
    return before >= SETTINGS.threshold - SETTINGS.tracker.lead ? shown : NOT_SURE;
  }

  // Which face is which from frame to frame: the one whose box, moved on at the speed it had, it overlaps most.
  class Tracker {
    tracks = [];
    update(faces, seconds) {
      const tracks = this.tracks.filter(({ seen }) => seen === this.now || seconds - seen <= SETTINGS.tracker.keep);
      const gone = ({ speed, seen }, i) => (seconds - seen > SETTINGS.tracker.keep ? 0 : speed[i] * (seconds - seen));
      const expected = tracks.map((track) => ({ ...track, x: track.x + gone(track, 0), y: track.y + gone(track, 1) }));
      const pairs = faces.flatMap((face, i) => expected.map((box, j) => ({ i, j, share: overlap(face, box) })));
      const partners = new Map(); // the closest pair goes first
      for (const { i, j, share } of pairs.sort((a, b) => b.share - a.share)) {
        const free = !partners.has(i) && ![...partners.values()].includes(tracks[j]);
        if (free && share >= SETTINGS.tracker.overlap) partners.set(i, tracks[j]);
      }
      const told = faces.map((face, i) => follow(face, partners.get(i), seconds));
      [this.tracks, this.now] = [[...told, ...tracks.filter((t) => ![...partners.values()].includes(t))], seconds];
      return told;
    }
  }

  // A face with its probabilities averaged over time, a steady label, and its speed in pixels a second.
  function follow(face, track, seconds) {
    if (!track) return { ...face, emotion: label(NOT_SURE, face.probabilities), speed: [0, 0], seen: seconds };
    const passed = seconds - track.seen;
    const fresh = 1 - Math.exp(-passed / SETTINGS.tracker.smooth);
    const probabilities = track.probabilities.map((old, i) => old + fresh * (face.probabilities[i] - old));
    const right = face.x - track.x + (face.width - track.width) / 2;
    const down = face.y - track.y + (face.height - track.height) / 2;
    const speed = passed > 0 ? [right, down].map((way, i) => (track.speed[i] + way / passed) / 2) : track.speed;
    return { ...face, probabilities, emotion: label(track.emotion, probabilities), speed, seen: seconds };
  }

  // Every face of a picture ({width, height, data}: red, green, blue, opaque), the largest first.
  async function recognise(picture, closer = true) {
    let boxes = await detect(picture, SETTINGS.detector.longest);
    const large = Math.max(picture.width, picture.height) > 2 * SETTINGS.detector.longest;
    if (!boxes.length && closer && large) boxes = await detect(picture, SETTINGS.detector.closer);
    const shades = grey(picture);
    const rows = await classify(boxes.map((box) => crop(shades, picture, box)));
    return boxes.map((box, i) => ({ ...box, probabilities: rows[i], emotion: label(NOT_SURE, rows[i]) }));
  }

  // ---- the page
  const [canvas, pen] = [at("canvas"), at("canvas").getContext("2d")];
  const work = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const video = document.createElement("video");
  let [loading, said, turn] = [null, {}, 0]; // turn grows at each start and stop: what an older one brings is dropped

  function say(text, labels = text) {
    if (labels === said.labels && performance.now() - said.when < WORDS_EVERY) return;
    at("status").textContent = text;
    said = { labels, when: performance.now() };
  }

  function words(face) {
    const told = face.emotion === NOT_SURE ? EMOTIONS[best(face.probabilities)] : face.emotion;
    const words = `${told} ${percent(face.probabilities[EMOTIONS.indexOf(told)])}`;
    return told === face.emotion ? words : `${NOT_SURE} (${words})`;
  }

  // The pixels of an image or a video, on white where it is transparent.
  function pixels(source, width, height) {
    [work.canvas.width, work.canvas.height] = [width, height];
    Object.assign(work, { fillStyle: "#fff", imageSmoothingQuality: "high" });
    work.fillRect(0, 0, width, height);
    work.drawImage(source, 0, 0, width, height);
    return work.getImageData(0, 0, width, height);
  }

  // Draws what was looked at with its faces and bars; returns it in words.
  function show(picture, faces, mirrored = false) {
    [canvas.width, canvas.height] = [picture.width, picture.height];
    pen.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? picture.width : 0, 0);
    pen.drawImage(work.canvas, 0, 0);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    const unit = Math.max(picture.width, picture.height) / 640;
    for (const face of faces) drawFace(face, mirrored ? picture.width - face.x - face.width : face.x, unit);
    [at("result").hidden, canvas.hidden] = [true, false];
    const count = `${faces.length} face${faces.length > 1 ? "s" : ""}`;
    const told = faces.length ? `${count}: ${faces.map(words).join(", ")}.` : "No face found.";
    canvas.setAttribute("aria-label", `The picture that was looked at. ${told}`);
    showBars(faces[0]);
    return told;
  }

  // A box that stands out on every picture, dashed where the network is not sure, with its words on a dark ground.
  function drawFace(face, left, unit) {
    const color = SETTINGS.colors[face.emotion] ?? "#c8c8c8";
    const dashes = face.emotion === NOT_SURE ? [8 * unit, 8 * unit] : [];
    for (const [wide, shade, dash] of [[6, "#141414", []], [3, color, dashes]]) {
      pen.setLineDash(dash);
      Object.assign(pen, { lineWidth: wide * unit, strokeStyle: shade });
      pen.strokeRect(left, face.y, face.width, face.height);
    }
    [pen.font, pen.textBaseline] = [`bold ${17 * unit}px system-ui, sans-serif`, "middle"];
    const width = pen.measureText(words(face)).width + 16 * unit;
    const x = clamp(left, 0, Math.max(0, canvas.width - width));
    const y = face.y >= 28 * unit ? face.y - 28 * unit : Math.max(0, face.y);
    pen.fillStyle = "#141414";
    pen.fillRect(x, y, width, 26 * unit);
    pen.fillStyle = "#fff";
    pen.fillText(words(face), x + 8 * unit, y + 13 * unit);
  }

  function showBars(face) {
    for (const row of at("bars").querySelectorAll("[data-emotion]")) {
      const i = EMOTIONS.indexOf(row.dataset.emotion);
      const share = face ? face.probabilities[i] : 0;
      row.querySelector(".el-fill").style.width = `${100 * share}%`;
      row.querySelector(".el-number").textContent = face ? percent(share) : "–";
      row.classList.toggle("el-first", Boolean(face) && i === best(face.probabilities));
    }
  }

  // ---- what a reader does
  const PROBLEMS = {
    NotAllowedError: "The camera was refused: allow it beside the page's address and try again, or choose a picture.",
    NotFoundError: "No camera was found: plug one in and try again, or choose a picture.",
    NotReadableError: "The camera gives no picture: close other programs that use it and try again.",
    NoCameraHere: "This page may not use a camera: open it at an https address or on localhost, or choose a picture.",
  };

  async function load() {
    say("Loading the networks (20 MB, once) …");
    const script = Object.assign(document.createElement("script"), { src: "try/ort.wasm.min.js" });
    document.head.append(script);
    await new Promise((done) => (script.onload = script.onerror = done));
    const lost = () => refuse("The recogniser could not be loaded: reload the page, or take a newer browser.");
    if (!window.ort) lost();
    // one thread: more would need headers that a plain server does not send
    Object.assign(window.ort.env.wasm, { numThreads: 1, wasmPaths: new URL("try/", document.baseURI).href });
    const made = (name) => window.ort.InferenceSession.create(`try/${name}.onnx`, { logSeverityLevel: 3 }).catch(lost);
    networks = { detector: await made("yunet"), classifier: await made("scratch_cnn") };
  }

  const refuse = (told) => { throw Object.assign(new Error(told), { told }); };
  // One sentence for whatever goes wrong, and the old picture stays.
  async function trying(action) {
    at("problem").hidden = true;
    try {
      await (loading ??= load());
      await action();
    } catch (error) {
      if (!networks) loading = null; // the next try loads again
      stop();
      say("");
      const other = `That went wrong (${error.message}): try again.`;
      Object.assign(at("problem"), { textContent: error.told ?? PROBLEMS[error.name] ?? other, hidden: false });
    }
  }

  async function lookAt(address, name) {
    stop();
    const mine = turn;
    const image = Object.assign(new Image(), { src: address });
    await new Promise((done) => (image.onload = image.onerror = done));
    if (mine !== turn) return; // the reader chose something else meanwhile
    const seen = image.naturalWidth && !/\.svgz?$/i.test(name); // an SVG has no pixels: Python reads none either
    if (!seen) refuse(`Expected a picture (JPEG, PNG, WebP), found “${name}”: choose another file.`);
    const [wide, high] = [image.naturalWidth, image.naturalHeight];
    const millions = Math.ceil((wide * high) / 1e6);
    if (millions > 50) refuse(`Expected at most 50 megapixels, found ${millions} in “${name}”: choose a smaller one.`);
    const scale = Math.min(1, LONGEST_PICTURE / Math.max(wide, high));
    const picture = pixels(image, Math.max(1, Math.round(wide * scale)), Math.max(1, Math.round(high * scale)));
    const faces = await recognise(picture);
    if (mine !== turn) return;
    window.emotionlabLast = faces; // for who opens the browser's console, and for the tests
    say(show(picture, faces));
  }

  async function lookAtFile(file) {
    if (!file) refuse("Expected a picture, found no file: save the picture first and drop that file.");
    const address = URL.createObjectURL(file);
    await lookAt(address, file.name).finally(() => URL.revokeObjectURL(address));
  }

  async function start() {
    const mine = ++turn;
    if (!navigator.mediaDevices?.getUserMedia) refuse(PROBLEMS.NoCameraHere);
    say("Your browser may ask whether this page may use the camera.");
    const wish = { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    const [track] = stream.getTracks();
    if (mine !== turn) return track.stop(); // the reader chose something else meanwhile
    track.onended = stop; // unplugged
    Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
    await video.play();
    at("camera").textContent = "Stop the webcam";
    say("The camera is on.");
    const [tracker, times] = [new Tracker(), []];
    while (mine === turn) {
      const begun = performance.now();
      const picture = pixels(video, video.videoWidth, video.videoHeight);
      const faces = tracker.update(await recognise(picture, false), begun / 1000);
      if (mine !== turn) break;
      say(show(picture, faces, true), faces.map((face) => face.emotion).join());
      times.push(performance.now());
      while (times[0] < times.at(-1) - 1000) times.shift();
      at("speed").textContent = `${times.length} frames a second, ${Math.round(times.at(-1) - begun)} ms each`;
      await new Promise((next) => requestAnimationFrame(next));
    }
  }

  function stop() {
    ++turn;
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    if (video.srcObject) say("The camera is off.");
    video.srcObject = null;
    [at("speed").textContent, at("camera").textContent] = ["", "Use my webcam"];
  }

  function listen() {
    at("controls").hidden = false;
    at("camera").onclick = () => (video.srcObject ? stop() : trying(start));
    at("open").onclick = () => at("file").click();
    at("file").onclick = () => (at("file").value = ""); // so that the same file can be chosen again
    at("file").onchange = () => trying(() => lookAtFile(at("file").files[0]));
    for (const { src, alt, parentElement } of at("pictures").querySelectorAll("img")) {
      parentElement.onclick = () => trying(() => lookAt(src, alt));
    }
    at("area").ondragover = (event) => event.preventDefault();
    at("area").ondrop = (event) => (event.preventDefault(), trying(() => lookAtFile(event.dataTransfer.files[0])));
    document.addEventListener("visibilitychange", () => document.hidden && video.srcObject && stop());
  }

  if (location.protocol === "file:") {
    say("This is a picture of it: opened from a folder, a browser loads no WebAssembly.");
    at("folder").textContent = decodeURIComponent(new URL(".", location).pathname).replace(/^\/(?=\w:)|\/$/g, "");
    at("server").hidden = false;
  } else if (typeof WebAssembly !== "object") {
    say("This is a picture of it: this browser has no WebAssembly; open the page in another one to try it.");
  } else listen();
})();
