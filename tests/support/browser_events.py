"""More behaviours of the Playwright surface: what happens by itself, the network, and what belongs to a context. As in ``browser_cases``."""

from __future__ import annotations

EVENTS = [
    ("console with arguments", """
        const seen = page.waitForEvent('console'); await page.evaluate(() => console.warn('hot', {a: 1}));
        const m = await seen; [m.type(), m.text().startsWith('hot'), await m.args()[1].jsonValue(), typeof m.location().url]""",
     ["warning", True, {"a": 1}, "string"]),
    ("console by a predicate", """
        const seen = page.waitForEvent('console', (m) => m.text() === 'b'); await page.evaluate(() => { console.log('a'); console.log('b'); }); (await seen).text()""", "b"),
    ("pageerror", "const seen = page.waitForEvent('pageerror'); await page.evaluate(() => setTimeout(() => { throw new RangeError('oops'); })); const e = await seen; [e.name, e.message]",
     ["RangeError", "oops"]),
    ("once and off", """
        let n = 0; const more = () => n++; page.once('console', more); page.on('console', more); page.on('console', more); page.off('console', more);
        const last = page.waitForEvent('console', (m) => m.text() === '2'); await page.evaluate(() => { console.log('1'); console.log('2'); }); await last;
        page.removeAllListeners('console'); [n, page.listenerCount('console')]""", [3, 0]),
    ("dialog accepted", "page.once('dialog', (d) => d.accept('Ada')); await page.evaluate(() => prompt('Who?', 'x'))", "Ada"),
    ("dialog dismissed", "const kinds = []; page.once('dialog', (d) => { kinds.push(d.type(), d.message(), d.defaultValue()); d.dismiss(); }); [await page.evaluate(() => confirm('Sure?')), kinds]",
     [False, ["confirm", "Sure?", ""]]),
    ("popup", ("const popup = page.waitForEvent('popup'); await page.evaluate(() => { window.open('/second'); }); const p = await popup; await p.waitForLoadState(); "
              "const r = [await p.title(), (await p.opener()) === page, context.pages().includes(p)]; await p.close(); [...r, p.isClosed(), context.pages().includes(p)]"),
     ["Second", True, True, True, False]),
    ("page event of the context", "const made = context.waitForEvent('page'); const p = await context.newPage(); const same = (await made) === p; await p.close(); same", True),
    ("close event", "const p = await context.newPage(); const closed = p.waitForEvent('close'); await p.close(); (await closed) === p", True),
    ("download", ("const d = page.waitForEvent('download'); await page.evaluate(() => { const a = document.createElement('a'); a.href = 'data:text/plain,hi'; a.download = 'hi.txt'; a.click(); }); "
                 "const got = await d; [got.suggestedFilename(), await got.failure(), got.page() === page]"), ["hi.txt", None, True]),
    ("download.path is not there", ("const d = page.waitForEvent('download'); await page.evaluate(() => { const a = document.createElement('a'); a.href = 'data:text/plain,hi'; a.download = 'x'; a.click(); }); "
                                   "(await d).path().catch((e) => e.message.includes('saveAs'))"), True),
    ("file chooser", ("const c = page.waitForEvent('filechooser'); await page.click('#file'); const chooser = await c; "
                     "await chooser.setFiles({name: 'z.txt', mimeType: 'text/plain', buffer: new Uint8Array([65])}); "
                     "[chooser.isMultiple(), await page.evaluate(() => document.querySelector('#file').files[0].name)]"), [True, "z.txt"]),
    ("worker", ("const w = page.waitForEvent('worker'); await page.evaluate(() => { window.w = new Worker(URL.createObjectURL(new Blob(['self.x = 5; onmessage = () => {}']))); }); "
               "const worker = await w; [await worker.evaluate(() => self.x), page.workers().includes(worker), worker.url().startsWith('blob:')]"), [5, True, True]),
    ("web socket", """
        const w = page.waitForEvent('websocket'); await page.evaluate(() => { const s = new WebSocket(location.origin.replace('http', 'ws') + '/echo'); s.onopen = () => s.send('hi'); window.s = s; });
        const socket = await w; const frame = await socket.waitForEvent('framereceived'); const closed = socket.waitForEvent('close'); await page.evaluate(() => window.s.close()); await closed;
        [frame.payload, socket.url().endsWith('/echo'), socket.isClosed()]""", ["echo hi", True, True]),
    ("request events in order", """
        const seen = []; for (const name of ['request', 'response', 'requestfinished']) page.on(name, (x) => { if (x.url().endsWith('/data.json')) seen.push(name); });
        const done = page.waitForEvent('requestfinished', (r) => r.url().endsWith('/data.json')); await page.evaluate(() => fetch('/data.json').then((r) => r.text())); await done;
        for (const name of ['request', 'response', 'requestfinished']) page.removeAllListeners(name); seen""", ["request", "response", "requestfinished"]),
    ("requestfailed", "const f = page.waitForEvent('requestfailed'); await page.evaluate(() => fetch('http://127.0.0.1:1/').catch(() => 0)); const r = await f; typeof r.failure().errorText", "string"),
    ("frames come and go", """
        const came = page.waitForEvent('frameattached'); await page.evaluate(() => { const f = document.createElement('iframe'); f.name = 'new'; f.src = '/second'; document.body.append(f); window.f = f; });
        const frame = await came; await page.frameLocator('[name=new]').locator('h1').waitFor(); const was = [page.frames().length, frame.page() === page, frame.url().endsWith('/second')];
        const gone = page.waitForEvent('framedetached'); await page.evaluate(() => window.f.remove()); await gone; [...was, frame.isDetached(), page.frames().length]""", [3, True, True, True, 2]),
    ("a wait names what it waits for", "page.waitForEvent('popup', {timeout: 20}).catch((e) => [e.name, e.message, e instanceof errors.TimeoutError])",
     ["TimeoutError", 'page.waitForEvent: Timeout 20ms exceeded while waiting for event "popup"', True]),
    ("a closed page ends a wait", "const p = await context.newPage(); const w = p.waitForEvent('popup').catch((e) => e.name); await p.close(); w", "TargetClosedError"),
    ("a predicate that throws ends a wait", "const w = page.waitForEvent('console', () => { throw new Error('mine'); }).catch((e) => e.message); await page.evaluate(() => console.log(1)); w", "mine"),
]

NETWORK = [
    ("goto gives the response", "const r = await page.goto(base + '/second'); [r.status(), r.ok(), r.statusText(), r.headers()['content-type'].includes('html'), (await r.text()).includes('second'), r.request().isNavigationRequest(), r.frame() === page.mainFrame()]",
     [200, True, "OK", True, True, True, True]),
    ("goto waits until", "(await page.goto(base + '/second', {waitUntil: 'domcontentloaded'})).status()", 200),
    ("goBack, goForward, reload", "await page.goto(base + '/second'); await page.goBack(); const a = page.url(); await page.goForward(); const b = page.url(); await page.reload(); [a === base + '/', b === base + '/second', page.url() === b]",
     [True, True, True]),
    ("waitForURL by text, pattern and function", "const w = [page.waitForURL('**/second'), page.waitForURL(/second$/), page.waitForURL((u) => u.pathname === '/second')]; await page.click('a'); await Promise.all(w); page.url() === base + '/second'", True),
    ("waitForURL when it is there", "await page.waitForURL('**/'); true", True),
    ("waitForURL names where it is", "page.waitForURL('**/never', {timeout: 20}).catch((e) => e.message.includes('**/never') && e.message.includes(base))", True),
    ("waitForNavigation", "const w = page.waitForNavigation(); await page.click('a'); (await w).status()", 200),
    ("waitForLoadState", "await page.waitForLoadState('networkidle'); true", True),
    ("waitForResponse by glob", "const w = page.waitForResponse('**/data.json'); await page.evaluate(() => fetch('/data.json')); await (await w).json()", {"n": 1}),
    ("waitForResponse by an async predicate", "const w = page.waitForResponse(async (r) => r.url().includes('data') && (await r.json()).n === 1); await page.evaluate(() => fetch('/data.json')); (await w).status()", 200),
    ("waitForRequest with its body", "const w = page.waitForRequest(/data/); await page.evaluate(() => fetch('/data.json', {method: 'POST', body: JSON.stringify({a: 1})})); const r = await w; [r.method(), r.postDataJSON(), r.resourceType()]",
     ["POST", {"a": 1}, "fetch"]),
    ("waitForResponse does not block", "const w = page.waitForResponse('**/never', {timeout: 50}).catch((e) => e.message); const t = await page.title(); [t, (await w).includes('while waiting for response matching \"**/never\"')]", ["Shop", True]),
    ("redirects are chained", "const r = await page.goto(base + '/moved'); [r.request().redirectedFrom().url().endsWith('/moved'), page.url() === base + '/second']", [True, True]),
    ("response details", "const r = await page.goto(base + '/second'); [(await r.allHeaders())['content-type'] !== undefined, (await r.headerValue('nope')), (await r.body()).length > 10, (await r.finished()) ?? null, await r.request().sizes().then((s) => s.responseBodySize > 10)]",
     [True, None, True, None, True]),
    ("setExtraHTTPHeaders", "await page.setExtraHTTPHeaders({'x-mine': 'yes'}); const r = await page.goto(base + '/headers'); const v = (await r.json())['x-mine']; await page.setExtraHTTPHeaders({}); v", "yes"),
    ("route fulfil", "await page.route('**/data.json', (route) => route.fulfill({json: {n: 2}, headers: {'x-a': 'b'}})); const v = await page.evaluate(() => fetch('/data.json').then((r) => r.json())); await page.unrouteAll(); v", {"n": 2}),
    ("route fulfil with a text and status", "await page.route(/data/, (route) => route.fulfill({status: 418, contentType: 'text/x', body: 'tea'})); const v = await page.evaluate(() => fetch('/data.json').then(async (r) => [r.status, await r.text(), r.headers.get('content-type')])); await page.unrouteAll(); v",
     [418, "tea", "text/x"]),
    ("route abort", "await page.route('**/data.json', (route) => route.abort('blockedbyclient')); const v = await page.evaluate(() => fetch('/data.json').then(() => 'ok', () => 'failed')); await page.unrouteAll(); v", "failed"),
    ("route continue with changes", "await page.route('**/data.json', (route) => route.continue({method: 'POST', headers: {...route.request().headers(), 'x-c': '1'}})); const w = page.waitForRequest('**/data.json'); await page.evaluate(() => fetch('/data.json')); await w; await page.unrouteAll(); true", True),
    ("route fetch and change", "await page.route('**/data.json', async (route) => { const r = await route.fetch(); await route.fulfill({response: r, json: {...(await r.json()), more: true}}); }); const v = await page.evaluate(() => fetch('/data.json').then((r) => r.json())); await page.unrouteAll(); v",
     {"n": 1, "more": True}),
    ("route falls back to earlier ones", "const order = []; await page.route('**/data.json', (r) => { order.push(1); r.fulfill({body: 'x'}); }); await page.route('**/data.json', (r) => { order.push(2); r.fallback(); }); await page.evaluate(() => fetch('/data.json')); await page.unrouteAll(); order", [2, 1]),
    ("route of the context after the page's", "await context.route('**/data.json', (r) => r.fulfill({body: 'context'})); await page.route('**/data.json', (r) => r.fallback()); const v = await page.evaluate(() => fetch('/data.json').then((r) => r.text())); await page.unrouteAll(); await context.unrouteAll(); v", "context"),
    ("route times", "await page.route('**/data.json', (r) => r.fulfill({body: 'once'}), {times: 1}); const get = () => page.evaluate(() => fetch('/data.json').then((r) => r.text())); const v = [await get(), await get()]; await page.unrouteAll(); v", ["once", '{"n": 1}']),
    ("unroute", "const h = (r) => r.abort(); await page.route('**/data.json', h); await page.unroute('**/data.json', h); await page.evaluate(() => fetch('/data.json').then((r) => r.json()))", {"n": 1}),
    ("routeWebSocket mocked", "await page.routeWebSocket('**/echo', (ws) => { ws.onMessage((m) => ws.send('mock ' + m)); }); await page.goto(base + '/'); await page.evaluate(() => new Promise((done) => { const s = new WebSocket(location.origin.replace('http', 'ws') + '/echo'); s.onmessage = (e) => done(e.data); s.onopen = () => s.send('x'); }))", "mock x"),
    ("routeWebSocket in the middle", "const p = await context.newPage(); await p.routeWebSocket(/echo/, (ws) => { const server = ws.connectToServer(); ws.onMessage((m) => server.send(m + '!')); }); await p.goto(base + '/'); const v = await p.evaluate(() => new Promise((done) => { const s = new WebSocket(location.origin.replace('http', 'ws') + '/echo'); s.onmessage = (e) => done(e.data); s.onopen = () => s.send('x'); })); await p.close(); v", "echo x!"),
    ("requests of the context", "const r = await context.request.get(base + '/data.json', {params: {q: 1}}); [r.status(), r.ok(), await r.json(), r.url().endsWith('?q=1'), r.headers()['content-type'].includes('json')]", [200, True, {"n": 1}, True, True]),
    ("post with data", "const r = await page.request.post(base + '/body', {data: {a: [1]}}); await r.json()", {"method": "POST", "body": '{"a":[1]}'}),
    ("post with a form", "const r = await page.request.fetch(base + '/body', {method: 'PUT', form: {a: 'b c'}}); await r.json()", {"method": "PUT", "body": "a=b+c"}),
    ("post with parts", "const r = await page.request.post(base + '/body', {multipart: {f: {name: 'a.txt', mimeType: 'text/plain', buffer: new Uint8Array([104, 105])}}}); (await r.json()).body.includes('filename=\"a.txt\"')", True),
    ("failOnStatusCode", "page.request.get(base + '/nope', {failOnStatusCode: true}).catch((e) => e.message.includes('404'))", True),
]

CONTEXT = [
    ("options of a context", ("const c = await browser.newContext({locale: 'de-DE', timezoneId: 'Asia/Tokyo', userAgent: 'mine/1', colorScheme: 'dark', viewport: {width: 400, height: 300}, deviceScaleFactor: 2, hasTouch: true}); const p = await c.newPage(); "
     "const v = await p.evaluate(() => [navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone, navigator.userAgent, matchMedia('(prefers-color-scheme: dark)').matches, innerWidth, devicePixelRatio]); await c.close(); v"),
     ["de-DE", "Asia/Tokyo", "mine/1", True, 400, 2]),
    ("viewport null", "const c = await browser.newContext({viewport: null}); const p = await c.newPage(); const v = p.viewportSize(); await c.close(); v", None),
    ("baseURL", "const c = await browser.newContext({baseURL: base}); const p = await c.newPage(); const w = p.waitForResponse('/second'); await p.goto('/second'); const v = [(await w).status(), await p.title()]; await c.close(); v", [200, "Second"]),
    ("tap and touchscreen", "const c = await browser.newContext({hasTouch: true}); const p = await c.newPage(); await p.goto(base + '/'); await p.locator('#top').tap(); await p.touchscreen.tap(5, 5); const v = await p.evaluate(() => log.filter((x) => x === 'touchstart').length); await c.close(); v", 2),
    ("cookies", "const c = await browser.newContext(); await c.addCookies([{name: 'a', value: '1', url: base}, {name: 'b', value: '2', url: base}]); const had = (await c.cookies(base)).length; await c.clearCookies({name: /^a/}); const v = [had, (await c.cookies()).map((x) => x.name)]; await c.close(); v", [2, ["b"]]),
    ("cookies do not leak to other contexts", "const c = await browser.newContext(); await c.addCookies([{name: 'a', value: '1', url: base}]); const v = await context.cookies(); await c.close(); v", []),
    ("storageState", "const c = await browser.newContext(); await c.addCookies([{name: 'a', value: '1', url: base}]); const s = await c.storageState(); const d = await browser.newContext({storageState: s}); const v = (await d.cookies())[0].value; await c.close(); await d.close(); v", "1"),
    ("setStorageState", "const c = await browser.newContext(); await c.setStorageState({cookies: [{name: 'z', value: '9', domain: '127.0.0.1', path: '/', expires: -1, httpOnly: false, secure: false, sameSite: 'Lax'}], origins: []}); const v = (await c.cookies())[0].name; await c.close(); v", "z"),
    ("permissions and geolocation", "const c = await browser.newContext({geolocation: {latitude: 1, longitude: 2}, permissions: ['geolocation']}); const p = await c.newPage(); await p.goto(base + '/'); const v = await p.evaluate(() => new Promise((done) => navigator.geolocation.getCurrentPosition((x) => done(x.coords.latitude)))); await c.close(); v", 1),
    ("grantPermissions", "const c = await browser.newContext(); await c.grantPermissions(['geolocation'], {origin: base}); const p = await c.newPage(); await p.goto(base + '/'); const ask = () => p.evaluate(() => navigator.permissions.query({name: 'geolocation'}).then((x) => x.state)); const was = await ask(); await c.clearPermissions(); await c.close(); was", "granted"),
    ("setOffline", "const c = await browser.newContext({offline: true}); const p = await c.newPage(); const failed = await p.goto(base + '/').then(() => false, () => true); await c.setOffline(false); await p.goto(base + '/'); const v = [failed, await p.title()]; await c.close(); v", [True, "Shop"]),
    ("addInitScript with an argument", "const c = await browser.newContext(); await c.addInitScript((x) => { window.given = x.a; }, {a: 7}); const p = await c.newPage(); await p.addInitScript({content: 'window.text = 1'}); await p.goto(base + '/'); const v = await p.evaluate(() => [window.given, window.text]); await c.close(); v", [7, 1]),
    ("exposeFunction", "const p = await context.newPage(); await p.exposeFunction('add', async (a, b) => a + b); await p.goto(base + '/'); const v = await p.evaluate(() => window.add(2, 3)); await p.close(); v", 5),
    ("exposeFunction that throws", "const p = await context.newPage(); await p.exposeFunction('bad', () => { throw new Error('from the guest'); }); await p.goto(base + '/'); const v = await p.evaluate(() => window.bad().catch((e) => e.message)); await p.close(); v.includes('from the guest')", True),
    ("exposeBinding knows its source", "const p = await context.newPage(); await p.exposeBinding('where', (source, x) => [source.page === p, source.frame === p.mainFrame(), source.context === context, x]); await p.goto(base + '/'); const v = await p.evaluate(() => window.where(1)); await p.close(); v", [True, True, True, 1]),
    ("CDP", "const s = await context.newCDPSession(page); const { result } = await s.send('Runtime.evaluate', {expression: '6 * 7'}); await s.detach(); [result.value, await s.send('Runtime.enable').then(() => 'sent', () => 'refused')]", [42, "refused"]),
    ("CDP events", "const s = await page.target().createCDPSession(); await s.send('Runtime.enable'); const got = new Promise((done) => s.once('Runtime.consoleAPICalled', done)); await page.evaluate(() => console.log('cdp')); const e = await got; await s.detach(); e.args[0].value", "cdp"),
    ("JS coverage", "const p = await context.newPage(); await p.coverage.startJSCoverage(); await p.goto(base + '/'); const all = await p.coverage.stopJSCoverage(); await p.close(); all.some((x) => x.url === base + '/' && x.functions.length > 0)", True),
    ("what a popup does first is heard", ("const p = await context.newPage(); await p.goto(base + '/'); const heard = []; let done; const all = new Promise((d) => { done = d; }); "
     "p.on('popup', (popup) => { popup.on('console', (m) => { heard.push(m.text()); if (m.text() === 'last') done(); }); }); "
     "await p.evaluate(() => { const w = window.open('about:blank'); w.console.log('first'); w.console.log('last'); }); await all; await Promise.all(context.pages().filter((x) => x !== page).map((x) => x.close())); heard"), ["first", "last"]),
    ("what a popup does first is heard after waiting", ("const p = await context.newPage(); await p.goto(base + '/'); "
     "const opened = p.waitForEvent('popup'); const done = p.evaluate(() => { const w = window.open('about:blank'); w.console.log('first'); w.console.log('second'); }); "
     "const popup = await opened; const m = await popup.waitForEvent('console'); await done; await popup.close(); await p.close(); m.text()"), "first"),
    ("a device", ("const { devices } = await import('isolate-host:browser'); const c = await browser.newContext(devices['iPhone 13']); const p = await c.newPage(); await p.goto(base + '/'); "
     "const v = await p.evaluate(() => [devicePixelRatio, navigator.userAgent.includes('iPhone'), 'ontouchstart' in window, screen.width]); await c.close(); [...v, p.viewportSize()]"), [3, True, True, 390, {"width": 390, "height": 664}]),
    ("CSS coverage", ("const p = await context.newPage(); await p.route('**/s.css', (r) => r.fulfill({contentType: 'text/css', body: 'h1 { color: red }\\n.unused { color: blue }'})); await p.goto(base + '/'); await p.coverage.startCSSCoverage({resetOnNavigation: false}); "
     "await p.evaluate(() => new Promise((done) => { const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = '/s.css'; l.onload = () => done(getComputedStyle(document.querySelector('h1')).color); document.head.append(l); })); const all = await p.coverage.stopCSSCoverage(); "
     "const twice = await p.coverage.stopCSSCoverage().catch((e) => e.message); await p.close(); const e = all.find((x) => x.url === base + '/s.css'); [e.ranges.map((r) => e.text.slice(r.start, r.end)), twice]"), [["h1 { color: red }"], "CSSCoverage is not enabled"]),
    ("browser.version", "/^\\d+(\\.\\d+){3}$/.test(browser.version())", True),
    ("download.createReadStream", ("const d = page.waitForEvent('download'); await page.evaluate(() => { const a = document.createElement('a'); a.href = 'data:text/plain,hello'; a.download = 'x'; a.click(); }); "
     "let text = ''; for await (const chunk of await (await d).createReadStream()) text += new TextDecoder().decode(chunk); text"), "hello"),
    ("clock", "const p = await context.newPage(); await p.clock.install({time: new Date('2020-01-01T00:00:00Z')}); await p.goto(base + '/'); await p.evaluate(() => { window.n = 0; setTimeout(() => { window.n++; }, 60000); }); await p.clock.fastForward('02:00'); const v = await p.evaluate(() => [window.n, new Date().getUTCFullYear()]); await p.close(); v", [1, 2020]),
    ("clock by a number", "const p = await context.newPage(); await p.clock.setFixedTime(1000); await p.goto(base + '/'); const v = await p.evaluate(() => Date.now()); await p.close(); v", 1000),
    ("addLocatorHandler", ("const p = await context.newPage(); await p.goto(base + '/'); let n = 0; await p.addLocatorHandler(p.locator('#banner'), async () => { n++; await p.evaluate(() => document.querySelector('#banner').remove()); }); "
     "await p.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<div id=banner style=\"position:fixed;inset:0\">ad</div>')); await p.locator('#act').click(); const v = [n, await p.textContent('#act')]; await p.close(); v"), [1, "done"]),
    ("tracing groups", "await context.tracing.start({screenshots: false}); await context.tracing.group('a'); await context.tracing.groupEnd(); await context.tracing.stop(); true", True),
    ("setDefaultTimeout", "const p = await context.newPage(); p.setDefaultTimeout(30); const v = [await p.click('#nope').catch((e) => e.message.includes('30ms')), await p.waitForEvent('popup').catch((e) => e.message.includes('30ms'))]; await p.close(); v", [True, True]),
    ("newPage of the browser closes its context", "const before = browser.contexts().length; const p = await browser.newPage(); const during = browser.contexts().length - before; const c = p.context(); const closed = c.isClosed() ? null : c.waitForEvent('close'); await p.close(); await closed; [during, c.browser() === browser]", [1, True]),
    ("contexts", "const c = await browser.newContext(); const had = browser.contexts().includes(c); await c.close(); [had, browser.contexts().includes(c), c.isClosed()]", [True, False, True]),
    ("strict mode", "page.locator('li').click().catch((e) => e.message.includes('strict mode violation') && e.message.includes('resolved to 3 elements'))", True),
    ("bad selectors", "page.locator('div:nope(').click({timeout: 500}).catch((e) => e.name + ' ' + /selector|parsing/i.test(e.message))", "Error true"),
    ("a timeout with its call log", "page.click('#nope', {timeout: 30}).catch((e) => [e.name, e instanceof errors.TimeoutError, e.message.includes('Timeout 30ms exceeded'), e.message.includes('waiting for locator(\"#nope\")')])", ["TimeoutError", True, True, True]),
    ("unknown options are refused by name", "page.click('#act', {bogus: 1}).catch((e) => e.name + ': ' + e.message.split(';')[0])", "TypeError: page.click has no option 'bogus'"),
    ("wrong arguments", "page.click(5).catch((e) => e.message)", "selector: expected string, got number"),
    ("objects of a closed context", "const c = await browser.newContext(); const p = await c.newPage(); await c.close(); p.title().catch((e) => e.name)", "TargetClosedError"),
]
