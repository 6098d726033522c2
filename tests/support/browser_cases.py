"""Behaviours of the Playwright surface: a name, the code of a guest, and the value it must give.

Each runs in a fresh page with ``page``, ``context``, ``base`` (the site) and ``expect`` at hand.
"""

from __future__ import annotations

HOME = """<!doctype html><title>Shop</title>
<h1 id=top class="big title">Shop</h1><p data-testid=intro>Buy &amp; sell <b>things</b></p>
<form><label>Name <input id=name placeholder="your name" title="the name"></label><label><input type=checkbox id=ok> agree</label>
<select id=size><option value=s>Small</option><option value=m>Medium</option><option value=l>Large</option></select>
<select id=many multiple><option>a</option><option>b</option><option>c</option></select>
<textarea id=area></textarea><input id=file type=file multiple><button type=button id=go disabled>Go</button><input id=ro readonly value=fixed></form>
<img alt="a red dot" src="/dot.svg"><ul><li>one</li><li class=odd>two <i>deep</i></li><li>three</li></ul>
<div id=hidden style="display:none">nobody sees me</div><button id=act onclick="this.textContent='done'">Act</button>
<a href="/second">second page</a><iframe name=inner src="/inner"></iframe><div id=empty></div>
<div id=drag draggable=true style="width:40px;height:40px">drag</div><div id=drop style="width:80px;height:80px">drop</div>
<script>
  window.log = [];
  for (const name of ['click', 'dblclick', 'mousemove', 'mousedown', 'mouseup', 'keydown', 'wheel', 'contextmenu', 'touchstart'])
    addEventListener(name, (e) => log.push(name + (e.key ? ':' + e.key : '') + (e.button ? ':' + e.button : '')));
  document.querySelector('#drop').addEventListener('dragover', (e) => e.preventDefault());
  document.querySelector('#drop').addEventListener('drop', (e) => { e.preventDefault(); e.target.textContent = 'dropped'; });
</script>"""
INNER = "<!doctype html><title>Inner</title><button onclick=\"this.textContent='pressed'\">Press</button><p>inside</p>"

#: (name, code, expected value)
READING = [
    ("title", "page.title()", "Shop"),
    ("url is synchronous", "page.url() === base + '/'", True),
    ("content", "(await page.content()).includes('<h1')", True),
    ("textContent", "page.textContent('#top')", "Shop"),
    ("innerText", "page.locator('p').innerText()", "Buy & sell things"),
    ("innerHTML", "page.locator('p').innerHTML()", "Buy &amp; sell <b>things</b>"),
    ("getAttribute", "page.getAttribute('#name', 'placeholder')", "your name"),
    ("getAttribute of none", "page.locator('#top').getAttribute('nope')", None),
    ("inputValue", "page.locator('#ro').inputValue()", "fixed"),
    ("isVisible", "page.isVisible('#top')", True),
    ("isHidden", "page.locator('#hidden').isHidden()", True),
    ("isEnabled", "page.locator('#go').isEnabled()", False),
    ("isDisabled", "page.locator('#go').isDisabled()", True),
    ("isEditable", "page.locator('#ro').isEditable()", False),
    ("isChecked", "page.locator('#ok').isChecked()", False),
    ("count", "page.locator('li').count()", 3),
    ("allTextContents", "page.locator('li').allTextContents()", ["one", "two deep", "three"]),
    ("allInnerTexts", "page.locator('li').allInnerTexts()", ["one", "two deep", "three"]),
    ("boundingBox", "Object.keys(await page.locator('#top').boundingBox()).sort()", ["height", "width", "x", "y"]),
    ("boundingBox of nothing", "page.locator('#hidden').boundingBox()", None),
    ("viewportSize", "page.viewportSize()", {"width": 1280, "height": 720}),
    ("setViewportSize", "await page.setViewportSize({width: 300, height: 200}); [page.viewportSize(), await page.evaluate(() => innerWidth)]", [{"width": 300, "height": 200}, 300]),
    ("ariaSnapshot", "(await page.locator('ul').ariaSnapshot()).includes('- listitem: one')", True),
    ("evaluate on a locator", "page.locator('#top').evaluate((e, x) => e.id + x, '!')", "top!"),
    ("evaluateAll", "page.locator('li').evaluateAll((all, n) => all.length + n, 1)", 4),
    ("$eval", "page.$eval('#top', (e) => e.tagName)", "H1"),
    ("$$eval", "page.$$eval('li', (all) => all.map((e) => e.textContent))", ["one", "two deep", "three"]),
    ("screenshot gives bytes", "[...(await page.screenshot()).subarray(1, 4)]", [80, 78, 71]),
    ("screenshot of a locator", "(await page.locator('#top').screenshot({type: 'jpeg', quality: 50}))[0]", 255),
    ("pdf", "String.fromCharCode(...(await page.pdf({format: 'A5'})).subarray(0, 4))", "%PDF"),
]

LOCATING = [
    ("getByRole with a text", "page.getByRole('button', {name: 'Act'}).textContent()", "Act"),
    ("getByRole with a RegExp", "page.getByRole('heading', {name: /^SH/i}).textContent()", "Shop"),
    ("getByText with a RegExp", "page.getByText(/thr.e$/).textContent()", "three"),
    ("getByText exact", "page.getByText('thre', {exact: true}).count()", 0),
    ("a RegExp that only JavaScript has", "page.getByText(/(?<first>o)ne/).textContent()", "one"),
    ("getByLabel", "page.getByLabel('agree').getAttribute('id')", "ok"),
    ("getByPlaceholder", "page.getByPlaceholder(/YOUR/i).getAttribute('id')", "name"),
    ("getByAltText", "page.getByAltText('a red dot').count()", 1),
    ("getByTitle", "page.getByTitle('the name').count()", 1),
    ("getByTestId", "page.getByTestId('intro').count()", 1),
    ("first, last, nth", "Promise.all([page.locator('li').first().textContent(), page.locator('li').last().textContent(), page.locator('li').nth(1).textContent()])",
     ["one", "three", "two deep"]),
    ("filter hasText", "page.locator('li').filter({hasText: /^t/}).count()", 2),
    ("filter hasNotText", "page.locator('li').filter({hasNotText: 'o'}).count()", 1),
    ("filter has", "page.locator('li').filter({has: page.locator('i')}).textContent()", "two deep"),
    ("filter hasNot", "page.locator('li').filter({hasNot: page.locator('i')}).count()", 2),
    ("or", "page.locator('#top').or(page.locator('#nope')).count()", 1),
    ("and", "page.locator('li').and(page.locator('.odd')).count()", 1),
    ("nested locators", "page.locator('ul').locator('li').getByText('deep').count()", 1),
    ("a locator in a locator", "page.locator('ul').locator(page.locator('.odd')).count()", 1),
    ("all", "(await Promise.all((await page.locator('li').all()).map((item) => item.textContent()))).length", 3),
    ("text of a locator", "String(page.getByRole('button', {name: /x/i}).first())", "getByRole('button', { name: /x/i }).first()"),
    ("page of a locator", "page.locator('li').first().page() === page", True),
    ("frameLocator", "page.frameLocator('iframe').getByRole('button').textContent()", "Press"),
    ("contentFrame", "page.locator('iframe').contentFrame().locator('p').textContent()", "inside"),
    ("owner of a frame locator", "page.frameLocator('iframe').owner().getAttribute('name')", "inner"),
    ("frames", "page.frames().length", 2),
    ("frame by name", "page.frame('inner').locator('p').textContent()", "inside"),
    ("frame by url", "page.frame({url: /inner/}).name()", "inner"),
    ("mainFrame and its children", "page.mainFrame().childFrames()[0].parentFrame() === page.mainFrame()", True),
    ("elementHandle", "(await page.locator('#top').elementHandle()).textContent()", "Shop"),
    ("$ and $$", "[(await page.$$('li')).length, await page.$('#nope')]", [3, None]),
    ("handles in arguments", "page.evaluate(([e, x]) => e.id + x, [await page.$('#top'), 1])", "top1"),
    ("JSHandle properties", "const h = await page.evaluateHandle(() => ({a: 1, b: 'x'})); [await (await h.getProperty('b')).jsonValue(), [...(await h.getProperties()).keys()]]",
     ["x", ["a", "b"]]),
    ("asElement", "(await page.evaluateHandle(() => document.body)).asElement() !== null", True),
    ("ownerFrame", "(await (await page.frame('inner').$('p')).ownerFrame()) === page.frame('inner')", True),
]

ACTING = [
    ("click", "await page.click('#act'); await page.textContent('#act')", "done"),
    ("click with options", "await page.locator('#top').click({button: 'right', position: {x: 2, y: 2}}); await page.evaluate(() => log.includes('contextmenu:2'))", True),
    ("click with a modifier", ("await page.evaluate(() => addEventListener('click', (e) => { window.shift = e.shiftKey; })); await page.locator('#top').click({modifiers: ['Shift']}); "
     "await page.evaluate(() => window.shift)"), True),
    ("dblclick", "await page.locator('#top').dblclick(); await page.evaluate(() => log.includes('dblclick'))", True),
    ("trial does nothing", "await page.locator('#act').click({trial: true}); await page.textContent('#act')", "Act"),
    ("fill", "await page.getByLabel('Name').fill('Ada'); await page.inputValue('#name')", "Ada"),
    ("clear", "await page.fill('#name', 'x'); await page.locator('#name').clear(); await page.inputValue('#name')", ""),
    ("pressSequentially", "await page.locator('#name').pressSequentially('abc', {delay: 1}); await page.inputValue('#name')", "abc"),
    ("type", "await page.type('#name', 'xyz'); await page.inputValue('#name')", "xyz"),
    ("press", "await page.locator('#name').press('Shift+A'); await page.inputValue('#name')", "A"),
    ("check and uncheck", "await page.check('#ok'); const was = await page.isChecked('#ok'); await page.locator('#ok').uncheck(); [was, await page.isChecked('#ok')]", [True, False]),
    ("setChecked", "await page.locator('#ok').setChecked(true); await page.isChecked('#ok')", True),
    ("selectOption by value", "page.selectOption('#size', 'm')", ["m"]),
    ("selectOption by label", "page.locator('#size').selectOption({label: 'Large'})", ["l"]),
    ("selectOption by index", "page.locator('#size').selectOption({index: 0})", ["s"]),
    ("selectOption of many", "page.locator('#many').selectOption(['a', 'c'])", ["a", "c"]),
    ("selectOption of none", "await page.locator('#many').selectOption(['a']); await page.locator('#many').selectOption([])", []),
    ("hover", "await page.locator('#drop').hover(); await page.evaluate(() => log.includes('mousemove'))", True),
    ("focus and blur", ("await page.locator('#name').focus(); const on = await page.evaluate(() => document.activeElement.id); await page.locator('#name').blur(); "
     "[on, await page.evaluate(() => document.activeElement.tagName)]"), ["name", "BODY"]),
    ("dispatchEvent", "await page.locator('#act').dispatchEvent('click'); await page.textContent('#act')", "done"),
    ("dragTo", "await page.locator('#drag').dragTo(page.locator('#drop')); await page.textContent('#drop')", "dropped"),
    ("dragAndDrop", "await page.dragAndDrop('#drag', '#drop'); await page.textContent('#drop')", "dropped"),
    ("scrollIntoViewIfNeeded", "await page.setViewportSize({width: 300, height: 100}); await page.locator('#drop').scrollIntoViewIfNeeded(); (await page.evaluate(() => scrollY)) > 0", True),
    ("selectText", "await page.locator('#ro').selectText(); await page.evaluate(() => { const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd); })", "fixed"),
    ("keyboard", "await page.focus('#name'); await page.keyboard.type('ab'); await page.keyboard.press('Backspace'); await page.keyboard.insertText('ç'); await page.inputValue('#name')", "aç"),
    ("keyboard down and up", "await page.keyboard.down('Shift'); await page.keyboard.up('Shift'); await page.evaluate(() => log.includes('keydown:Shift'))", True),
    ("mouse", ("await page.mouse.move(5, 5, {steps: 2}); await page.mouse.down(); await page.mouse.up(); await page.mouse.wheel(0, 10); "
     "await page.waitForFunction(() => log.includes('wheel')); await page.evaluate(() => log.includes('mousedown') && log.includes('mouseup'))"), True),
    ("mouse click and dblclick", "await page.mouse.click(5, 5); await page.mouse.dblclick(5, 5); await page.evaluate(() => log.includes('dblclick'))", True),
    ("upload from memory", ("await page.setInputFiles('#file', {name: 'a.txt', mimeType: 'text/plain', buffer: new TextEncoder().encode('hello')}); "
     "await page.evaluate(() => document.querySelector('#file').files[0].text())"), "hello"),
    ("upload of several, then none", ("const f = (name) => ({name, mimeType: 'text/plain', buffer: new Uint8Array([1])}); await page.locator('#file').setInputFiles([f('a'), f('b')]); "
     "const n = await page.evaluate(() => document.querySelector('#file').files.length); await page.locator('#file').setInputFiles([]); [n, await page.evaluate(() => document.querySelector('#file').files.length)]"),
     [2, 0]),
    ("in a frame", "await page.frameLocator('iframe').getByText('Press').click(); await page.frame('inner').textContent('button')", "pressed"),
    ("setContent", "await page.setContent('<p>mine</p>'); await page.textContent('p')", "mine"),
    ("addScriptTag and addStyleTag", ("await page.addScriptTag({content: 'window.added = 1'}); await page.addStyleTag({content: '#top { color: rgb(1, 2, 3) }'}); "
     "await page.evaluate(() => [window.added, getComputedStyle(document.querySelector('#top')).color])"), [1, "rgb(1, 2, 3)"]),
    ("emulateMedia", ("const look = () => [matchMedia('print').matches, matchMedia('(prefers-color-scheme: dark)').matches]; "
     "await page.emulateMedia({colorScheme: 'dark', media: 'print'}); const was = await page.evaluate(look); "
     "await page.emulateMedia({colorScheme: null, media: null}); [was, await page.evaluate(look)]"), [[True, True], [False, False]]),
    ("storage of the page", "await page.localStorage.setItem('k', 'v'); [await page.localStorage.getItem('k'), await page.evaluate(() => localStorage.k)]", ["v", "v"]),
]

VALUES = [
    ("numbers", "page.evaluate((x) => [x, -0, NaN, Infinity].map((n) => Object.is(n, -0) ? '-0' : String(n)), 1.5)", ["1.5", "-0", "NaN", "Infinity"]),
    ("nested values both ways", "page.evaluate((x) => x, {a: [1, {b: null}], c: 'ü😀'})", {"a": [1, {"b": None}], "c": "ü😀"}),
    ("dates", "(await page.evaluate((d) => new Date(d.getTime() + 1), new Date(5))).getTime()", 6),
    ("RegExp in arguments", "page.evaluate((r) => r.test('ABC'), /b/i)", True),
    ("an object with the key of our marks", "page.evaluate((x) => x, {$pw: 'o', v: 1})", {"$pw": "o", "v": 1}),
    ("undefined from the page", "[typeof await page.evaluate(() => {}), await page.evaluate(() => null), typeof await page.locator('h1').first().evaluate(async () => undefined), typeof await page.$eval('h1', () => {}), await page.$$eval('h1', (all) => all.length > 0)]", ["undefined", None, "undefined", "undefined", True]),
    ("an argument that is not given is none", ("const f = (x = 'mine') => x; const g = (e, x = 'mine') => e.tagName + x; const h = await page.evaluateHandle(f); const body = await page.$('body'); "
     "[await page.evaluate(f), await page.evaluate(f, undefined), await page.evaluate(f, null), await h.jsonValue(), await page.locator('body').evaluate(g), await body.evaluate(g), "
     "await page.$eval('body', g), await page.locator('body').evaluate(g, 1), await page.mainFrame().evaluate(f), await (await page.waitForFunction(f)).jsonValue()]"),
     ["mine", "mine", None, "mine", "BODYmine", "BODYmine", "BODYmine", "BODY1", "mine", "mine"]),
    ("BigInt and RegExp from the page", "const r = await page.evaluate(() => /a(?<n>b)\\p{L}/giu); [await page.evaluate(() => 2n ** 64n) === 2n ** 64n, typeof await page.evaluate(async () => 5n), r instanceof RegExp, r.source, r.flags]", [True, "bigint", True, "a(?<n>b)\\p{L}", "giu"]),
    ("cycles from the page", "const v = await page.evaluate(() => { const a = {n: 1}; a.self = a; return a; }); [v.n, v.self === v]", [1, True]),
    ("an expression", "page.evaluate('1 + 2')", 3),
    ("promises of the page", "page.evaluate(async () => { await new Promise((r) => setTimeout(r, 1)); return 'later'; })", "later"),
    ("methods as functions", "page.evaluate({f(x) { return x * 2; }}.f, 4)", 8),
    ("errors of the page", "page.evaluate(() => { throw new TypeError('in the page'); }).catch((e) => e.message.includes('TypeError: in the page'))", True),
    ("functions see the page only", "globalThis.secret = 1; const r = await page.evaluate(() => typeof secret); delete globalThis.secret; r", "undefined"),
    ("functions as further arguments are refused", "page.evaluate((f) => f(), () => 1).catch((e) => e.message.includes('function cannot be an argument'))", True),
    ("Map from getProperties", "(await (await page.evaluateHandle(() => [7])).getProperties()) instanceof Map", True),
    ("waitForFunction", "await page.evaluate(() => setTimeout(() => { window.late = 3; }, 20)); await (await page.waitForFunction((n) => window.late === n && 'yes', 3)).jsonValue()", "yes"),
    ("waitForSelector", ("await page.evaluate(() => setTimeout(() => document.body.append(Object.assign(document.createElement('em'), {id: 'late'})), 20)); "
     "(await page.waitForSelector('#late', {state: 'attached'})) !== null"), True),
    ("waitForTimeout", "page.waitForTimeout(1)", None),
    ("locator.waitFor", "await page.evaluate(() => setTimeout(() => document.querySelector('#act').remove(), 20)); await page.locator('#act').waitFor({state: 'detached'}); await page.locator('#act').count()", 0),
]
