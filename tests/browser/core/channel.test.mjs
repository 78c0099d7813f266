// channel.test.mjs: events reach the server once, in order, over every kind of line and every loss.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { button, Fake, id, main, open, paragraph, quit, text, until } from "./harness.mjs";

after(quit);

test("the page says hello with what it shows and a click arrives as a trigger", async (t) => {
    const { fake, tab, errors } = await open(t, { main: button("go", "Go") });
    const hello = fake.received[0];
    assert.deepEqual(hello, { t: "hello", view: "view1", session: "session1", epoch: 1, frame: 0, build: "b1", path: "/", n: 0 });
    await tab.click("text=Go");
    assert.deepEqual(await fake.next(), { t: "e", n: 1, f: 0, x: [id("go"), "click", null] });
    fake.frame(["p", id("new"), paragraph("new", "hello")], ["k", main, 1, 0, [id("new")]]);
    await tab.waitForSelector("text=hello");
    assert.deepEqual(errors, []);
});
