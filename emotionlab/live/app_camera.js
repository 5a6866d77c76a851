// The tab Webcam: the camera is on only until Stop or another tab is chosen, and no button speaks of recording.
(() => {
  const WORDS = { "start recording": "Start", "stop recording": "Stop" };
  let [looking, leaving, wish] = [false, false, true]; // wish: which camera was asked for

  function parts() {
    const film = document.querySelector("video[data-testid='webcam-video']");
    return [film, film?.parentElement.querySelector("button.capture-button")];
  }

  function rename(button) {
    for (const icon of button.querySelectorAll("[title]")) {
      const words = WORDS[icon.title];
      if (!words) continue;
      icon.title = icon.parentElement.lastChild.nodeValue = words;
      button.setAttribute("aria-label", words);
    }
  }

  function end(film) {
    for (const track of film.srcObject?.getTracks() ?? []) {
      wish = track.getConstraints();
      track.stop();
    }
    film.srcObject = null; // the last frame would be looked at again
  }

  function show(live) {
    for (const part of document.querySelectorAll("#live, #live-bars")) {
      if ((part.style.visibility === "hidden") === live) part.style.visibility = live ? "" : "hidden";
      if (!live) for (const image of part.querySelectorAll("img[src]")) image.removeAttribute("src"); // the last frame
    }
  }

  function watch() {
    const [film, button] = parts();
    if (!button) return;
    rename(button);
    const before = looking;
    looking = Boolean(button.querySelector("[title=Stop], [title=spinner]"));
    const away = button.offsetParent === null;
    if (looking && away && !leaving) button.click();
    leaving = looking && away;
    show(looking);
    if (!looking && (before || away) && film.srcObject) end(film);
  }

  // Gradio asks for the camera once; after it was turned off, Start has to ask again.
  async function startAgain(event) {
    const [film, button] = parts();
    if (!button?.contains(event.target) || looking || film.srcObject) return;
    film.srcObject = await navigator.mediaDevices.getUserMedia({ video: wish });
    await film.play();
  }

  document.addEventListener("click", startAgain, true);
  const what = { childList: true, subtree: true, attributes: true, attributeFilter: ["style", "class", "hidden"] };
  new MutationObserver(watch).observe(document.documentElement, what);
})();
