"""What the browser tests of el.webcam() do with its panel."""

import browsers

PANEL = "document.querySelector('.emotionlab-webcam')"
CELL = "import emotionlab as el\n\ncam = el.webcam()\ncam"


def start(page) -> None:
    page.get_by_role("button", name="Start camera").click()
    wait(page, f"{PANEL}.dataset.state === 'live' && {PANEL}.dataset.faces === '1'")


def wait(page, condition: str) -> None:
    page.wait_for_function(f"() => {condition}")


def frames(page) -> int:
    return int(page.evaluate(f"{PANEL}.dataset.frames ?? 0"))


def wait_for_frames(page, count: int) -> None:
    wait(page, f"Number({PANEL}.dataset.frames) >= {frames(page) + count}")


def cameras_on(page) -> int:
    return page.evaluate(browsers.CAMERAS_ON)


def overlay_marks(page, left: float, right: float) -> int:
    """How many pixels are drawn over the picture between two places of its width, 0 to 1."""
    return page.evaluate(
        """([left, right]) => {
          const canvas = document.querySelector(".ew-overlay");
          const [from, wide] = [Math.round(left * canvas.width), Math.round((right - left) * canvas.width)];
          const pixels = canvas.getContext("2d").getImageData(from, 0, wide, canvas.height).data;
          return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
        }""",
        [left, right],
    )


def bars(page) -> list:
    """Name, width of the filled part, width of the whole and number of each bar, all at one moment."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".ew-bar")].map(bar => [
          bar.dataset.emotion,
          bar.querySelector(".ew-fill").style.width.replace("%", "") / 100 * bar.querySelector(".ew-track").clientWidth,
          bar.querySelector(".ew-track").clientWidth,
          bar.querySelector(".ew-number").textContent])"""
    )
