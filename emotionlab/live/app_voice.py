"""The app's tab Voice: the page records or opens a sound, and the network says how it sounds. No sound becomes a file.

The page is the panel of `el.microphone()`; here it talks to the app's server instead of a notebook's kernel.
"""

import base64
import binascii
import json

from emotionlab.base.errors import EmotionLabError
from emotionlab.live import app_html as show
from emotionlab.live.gate import Gate
from emotionlab.live.listening import LARGEST, SECONDS, for_page, hear, settings_of_the_page
from emotionlab.live.page_parts import page_part
from emotionlab.live.quiet_gradio import gr

PRIVACY = (
    "Nothing is recorded to a file. The recording or the sound that you open goes to the program on this computer that "
    "shows this page and nowhere else, is heard there in memory, and forgotten with the answer."
)

NOTE = """
### Before you use this on anybody's voice

- **A word for a voice is not a feeling.** The network compares sounds with what ten actors were asked to play, in
  German. It has never heard disgust, fear or surprise, other languages, accents, children, or anybody who does not act.
- **Use it on yourself**, or on people who agreed. Nobody has to take part.
- **Decide nothing about a person with it**: not at work, not at school, not about health, credit or safety. A voice is
  biometric data: in the European Union, inferring emotions from it at work and in education is prohibited (Regulation
  (EU) 2024/1689, Articles 3(39) and 5(1)(f)), with exceptions for medicine and safety.
- **It is not equally right for everybody**: the electives show for whom it is worse.
"""

_LINK = """
const settings = SETTINGS;
const listeners = [];
function base64(buffer) {
  const bytes = new Uint8Array(buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}
// what the panel takes for a notebook's kernel: the app's server
const model = {
  get: (name) => settings[name],
  on: (_event, listener) => listeners.push(listener),
  off: () => {},
  send: async (message, _callbacks, buffers) => {
    const sound = buffers.length ? base64(buffers[0]) : null;
    let answer = { kind: "problem", text: "The app does not answer. Is it still running? Load the page again." };
    try {
      answer = await server.hear({ ...message, sound });
    } catch {}
    for (const listener of listeners) listener({ ...answer, id: message.id, view: message.view });
    if (answer.kind === "result") trigger("submit", { emotion: answer.emotion });
  },
};
render({ model, el: element.querySelector(".el-microphone") });
"""


class VoiceCalls:
    """What the tab does, without the page around it. Safe to share between visitors: nothing is remembered."""

    def __init__(self):
        from emotionlab.sound.listener import VoiceListener

        self.listener, self._gate = VoiceListener(), Gate()

    def hear(self, message) -> dict:
        """The answer to one message of the page, as `listening.for_page` makes it; "sound" holds a file in base64."""
        message = message if isinstance(message, dict) else {}
        try:
            with self._gate:
                return for_page(*hear(self.listener, message, _bytes_of(message.get("sound"))))
        except EmotionLabError as trouble:
            return {"kind": "problem", "text": str(trouble)}

    def run_bundled(self) -> str:
        """What the callback says of the bundled voice, in words. Errors come through."""
        return for_page(*hear(self.listener, {"kind": "bundled"}, None))["words"]

    def about(self) -> str:
        """Which network this is, what it learnt from, how often it is right: HTML."""
        from emotionlab.base.emotions import EMOTIONS
        from emotionlab.sound import recorded

        run = recorded.load(self.listener.name)
        known, recall = run.provenance, run.table()["cnn"]
        never = [name for name in EMOTIONS if name not in run.classes]
        facts = [
            ("Network", f"{known['parameters']:,} parameters, from random weights; in NumPy"),
            (
                "Learned from",
                f"EMO-DB (Burkhardt et al. 2005): {known['data']['recordings']} recordings of ten actors, who were "
                f"asked to say German sentences as if {', '.join(run.classes)}",
            ),
            ("Never heard", f"{', '.join(never)}: they get no number"),
            (
                "Right",
                f"recall {recall['mean']:.2f}, mean of four emotions and five folds (deviation {recall['std']:.2f}) "
                "of speakers that the network had never heard; on your voice nobody has measured it",
            ),
            ("“Not sure”", f"where the highest probability is below {100 * self.listener.threshold:.0f} %"),
        ]
        return show.facts(facts)


def voice_tab(calls: VoiceCalls) -> "gr.HTML":
    """The tab's page; the panel in it, which gives "submit" after each answer."""

    def hear(message):
        return calls.hear(message)

    panel = page_part("panel.js", "microphone.js").replace("export default { render };", "")
    settings = json.dumps(settings_of_the_page(SECONDS, PRIVACY))
    return gr.HTML(
        elem_id="voice",
        html_template='<div class="el-microphone"></div>',
        js_on_load=panel + _LINK.replace("SETTINGS", settings),
        server_functions=[hear],
    )


def css() -> str:
    """Rules for the panel, in the colours of the page."""
    colours = {
        "--jp-ui-font-color1": "--body-text-color",
        "--jp-layout-color1": "--background-fill-primary",
        "--jp-layout-color2": "--background-fill-secondary",
        "--jp-ui-font-color2": "--body-text-color-subdued",
    }
    lines = "".join(f"{name}: var({theirs}); " for name, theirs in colours.items())
    return f".el-microphone {{ {lines}}}\n" + page_part("webcam.css", "microphone.css")


def _bytes_of(text) -> bytes | None:
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > 4 * (LARGEST // 3 + 2):
        raise EmotionLabError(f"Expected a sound of at most {LARGEST // 10**6} MB, found more; take a part of it.")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise EmotionLabError("Expected a sound from the page, found other bytes; load the page again.") from None
