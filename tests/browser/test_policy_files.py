"""Files that a browser reads and writes for a guest: only in what was granted, never a path of the host."""

import asyncio
import json
from pathlib import Path

import playwright
import pytest
import pytest_asyncio

from isolate_host.client.files import create_file_bindings
from isolate_host.errors import LimitExceeded, PolicyDenied
from isolate_host.plugins.browser.grants import BoundFiles, ServiceFiles
from tests.support.guarding import KEY, only, snake


class Granted:
    """A folder that the guest may write, one that it may read; and what is outside of both."""


@pytest.fixture
def granted(tmp_path):
    found = Granted()
    found.root = tmp_path
    for name in ("data", "fixed", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "fixed" / "a.txt").write_text("hello")
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    (tmp_path / "data" / "link").symlink_to(tmp_path / "outside" / "secret.txt")
    (tmp_path / "data" / "away").symlink_to(tmp_path / "outside")
    found.service = create_file_bindings().mount("/data", tmp_path / "data", allow_write=True).mount("/fixed", tmp_path / "fixed").open()
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def watched(guarded, pages, granted):
    return guarded(only(pages, max_file_bytes=1_000_000), files=ServiceFiles(granted.service))


async def test_a_granted_file_is_read_with_its_name_and_type(watched):
    found = await watched.keeper.files.read("/fixed/a.txt")
    assert (found.name, found.mime_type, found.buffer) == ("a.txt", "text/plain", b"hello")


@pytest.mark.parametrize("path", ["/etc/passwd", "/outside/secret.txt", "/data/../../outside/secret.txt", "/data/link", "/data/away/secret.txt", "/proc/self/environ", "/fixed/missing.txt"])
async def test_other_paths_lead_nowhere(watched, path):
    with pytest.raises((PolicyDenied, OSError)) as caught:
        await watched.keeper.files.read(path)
    assert "secret" not in str(caught.value).replace(path, "")


@pytest.mark.parametrize("path", ["relative.txt", "", 5, None, "/data/\0x", "file:///etc/passwd"])
async def test_what_is_no_path_is_refused(watched, path):
    with pytest.raises((TypeError, OSError)):
        await watched.keeper.files.read(path)


async def test_writing_needs_a_mount_that_allows_it(watched, granted):
    await watched.keeper.files.write("/data/new/shot.png", b"png")
    assert (granted.root / "data" / "new" / "shot.png").read_bytes() == b"png"
    for path in ("/fixed/x.png", "/outside/x.png", "/data/away/x.png", "/x.png"):
        with pytest.raises((PolicyDenied, OSError)):
            await watched.keeper.files.write(path, b"png")
    assert sorted(item.name for item in (granted.root / "outside").iterdir()) == ["secret.txt"]


async def test_sizes_are_bounded_both_ways(watched, granted):
    (granted.root / "data" / "big").write_bytes(b"x" * 1_000_001)
    for attempt in (watched.keeper.files.read("/data/big"), watched.keeper.files.write("/data/out", b"x" * 1_000_001)):
        with pytest.raises(LimitExceeded) as caught:
            await attempt
        assert caught.value.hint == f"raise {KEY}.max_file_bytes"
    with pytest.raises(LimitExceeded):
        async with watched.keeper.files.outgoing("/data/out") as place:
            place.write_bytes(b"x" * 1_000_001)
    assert not (granted.root / "data" / "out").exists()


async def test_what_playwright_writes_is_carried_over(watched, granted):
    async with watched.keeper.files.outgoing("/data/trace.zip") as place:
        assert place.suffix == ".zip"
        place.write_bytes(b"trace")
        assert watched.keeper.clean(f"at {place}") == "at …/file.zip"
    assert (granted.root / "data" / "trace.zip").read_bytes() == b"trace"
    assert not place.exists()
    async with watched.keeper.files.incoming("/data/trace.zip") as place:
        assert place.read_bytes() == b"trace"
    assert not place.exists()


async def test_a_link_that_the_browser_leaves_is_not_followed(watched, granted):
    with pytest.raises(OSError, match="made no file"):
        async with watched.keeper.files.outgoing("/data/x") as place:
            place.symlink_to(granted.root / "outside" / "secret.txt")
    assert not (granted.root / "data" / "x").exists()


async def test_a_har_ends_in_the_grant(watched, granted, pages):
    context = await watched.context(recordHar={"path": "/data/x.har"})
    page = await context.new_page()
    await page.goto(pages.url("/"))
    await context.close()
    await watched.keeper.context_closed(context)
    assert json.loads((granted.root / "data" / "x.har").read_text())["log"]["entries"][0]["request"]["url"] == pages.url("/")


async def frames(file):
    """How many pictures a video has: all of them are decoded."""
    program = await asyncio.create_subprocess_exec(
        "ffmpeg", "-v", "error", "-i", str(file), "-f", "framemd5", "-", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await program.communicate()
    assert errors == b""
    return sum(not line.startswith(b"#") for line in out.splitlines())


async def test_videos_end_in_the_grant(guest, granted, pages):
    """Recorded by Chromium, encoded in the host, and written through the guest's files: one for each page of the guest, and no other."""
    files = create_file_bindings().mount("/data", granted.root / "data", allow_write=True)
    runtime = await guest(bindings={"files": files})
    pages.add("/moving", "<script>setInterval(() => { document.body.style.background = `hsl(${performance.now() % 360} 90% 50%)` }, 20)</script>")
    await runtime.eval(
        f"""const context = await browser.newContext({{recordVideo: {{dir: '/data/videos', size: {{width: 320, height: 240}}}}}});
        const page = await context.newPage();
        await page.goto('{pages.url("/moving")}');
        for (let i = 0; i < 5; i++) await page.screenshot();
        const video = page.video();
        await page.close();
        await video.saveAs('/data/saved.webm');
        await context.close();"""
    )
    videos = list((granted.root / "data" / "videos").iterdir())
    assert [video.suffix for video in videos] == [".webm"]
    assert videos[0].read_bytes()[:4] == b"\x1a\x45\xdf\xa3"
    assert videos[0].read_bytes() == (granted.root / "data" / "saved.webm").read_bytes()
    assert await frames(videos[0]) > 2


async def test_a_policy_adds_no_video_of_its_own(watched, granted, browser, pages):
    """The page by which the host lets a context into its proxy is not recorded."""
    admission = await watched.keeper.admit_context({"recordVideo": {"dir": "/data/videos", "size": {"width": 320, "height": 240}}})
    context = await browser.new_context(**snake(admission))
    await watched.keeper.adopt_context(context, "context-1", admission)
    page = await context.new_page()
    await page.goto(pages.url("/"))
    await page.screenshot()
    await context.close()
    await watched.keeper.context_closed(context)
    assert len(list((granted.root / "data" / "videos").iterdir())) == 1


async def test_messages_do_not_tell_where_things_are(watched):
    place = watched.keeper.files.folder()
    assert watched.keeper.clean(f"at http://a.test{Path.home()}/x") == f"at http://a.test{Path.home()}/x"
    message = f"Executable doesn't exist at {Path.home()}/.cache/ms-playwright/ffmpeg-1013/ffmpeg-linux, see {place}/x and {playwright.__path__[0]}/driver"
    assert watched.keeper.clean(message) == "Executable doesn't exist at …/.cache/ms-playwright/ffmpeg-1013/ffmpeg-linux, see …/x and …/driver"


async def test_recording_into_nowhere_is_refused_before_it_begins(guarded, pages):
    watched = guarded(only(pages))
    for options in ({"recordHar": {"path": "/data/x.har"}}, {"recordVideo": {"dir": "/data"}}):
        with pytest.raises(PolicyDenied, match="the browser has no files to write"):
            await watched.keeper.admit_context(options)


@pytest.mark.parametrize("options", [{"recordHar": {}}, {"recordHar": {"path": 5}}, {"recordVideo": "x"}, {"recordHar": {"path": "/data/x.har", "content": "attach"}}])
async def test_what_is_no_recording_is_refused(watched, options):
    with pytest.raises((TypeError, ValueError)):
        await watched.keeper.admit_context(options)


async def test_a_state_in_a_file_is_no_path(watched, granted):
    (granted.root / "data" / "state.json").write_text('"/etc/hostname"')
    with pytest.raises(TypeError, match="storageState is an object"):
        await watched.keeper.admit_context({"storageState": "/data/state.json"})


async def test_a_profile_remembers(watched, granted, pages):
    pages.add("/in", "<title>in</title>", headers={"Set-Cookie": "who=me; Max-Age=1000"})
    context = await watched.context(profile="me")
    page = await context.new_page()
    await page.goto(pages.url("/in"))
    with pytest.raises(ValueError, match="in use"):
        await watched.keeper.admit_context({"profile": {"id": "me"}})
    watched.keeper.contexts.reserved = 0
    await watched.keeper.files.write("/data/x", b"")
    with pytest.raises(PolicyDenied):
        await watched.keeper.context_closing(context)  # its root is in no mount
    await context.close()
    await watched.keeper.context_closed(context)


async def test_a_profile_is_kept_in_the_files_of_the_guest(guarded, granted, pages):
    watched = guarded(only(pages), files=ServiceFiles(create_file_bindings(granted.root / "data", allow_write=True).open()))
    pages.add("/in", "<title>in</title>", headers={"Set-Cookie": "who=me; Max-Age=1000"})
    for profile, expected in (("me", []), ({"id": "me"}, ["who"]), ({"id": "me", "reset": True, "autosave": False}, []), ("you/too", []), ("me", ["who"])):
        context = await watched.context(profile=profile)
        assert [cookie["name"] for cookie in await context.cookies()] == expected
        page = await context.new_page()
        await page.goto(pages.url("/in"))
        await watched.keeper.context_closing(context)
        await context.close()
        await watched.keeper.context_closed(context)
    assert (granted.root / "data" / ".browser-profiles" / "you" / "too" / "storage-state.json").is_file()


async def test_a_storage_state_is_read_from_a_file(watched, granted, pages):
    (granted.root / "data" / "state.json").write_text(json.dumps({"cookies": [{"name": "a", "value": "1", "url": pages.base}], "origins": []}))
    context = await watched.context(storageState="/data/state.json")
    assert [cookie["name"] for cookie in await context.cookies()] == ["a"]


async def test_functions_of_a_binding():
    kept = {}

    async def read_file(path, ctx):
        return {"name": "b.bin", "mimeType": "x/y", "buffer": kept[path]}

    files = BoundFiles(read_file, lambda path, data: kept.update({path: data}))

    async def pieces():
        yield b"a"
        yield b"b"

    await files.write("/x/../y", pieces())
    assert kept == {"/y": b"ab"}
    found = await files.read("/y", 10)
    assert (found.name, found.mime_type, found.buffer) == ("b.bin", "x/y", b"ab")
    with pytest.raises(TypeError, match="must return bytes"):
        await BoundFiles(lambda path: 5, None).read("/y", 10)
    with pytest.raises(LookupError):
        await BoundFiles(None, None).read("/y", 10)
