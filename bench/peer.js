'use strict';

/*
 * The simplest server of this kind: Express, puppeteer-core and wa-js, with
 * a browser for each session and one page.evaluate a send. What "make bench"
 * compares the whole path with, and "make bench-numbers" the sessions.
 *
 * usage: peer.js PORT PAGE_URL WA_JS PROFILE_DIR TOKEN [SESSIONS]
 * environment: CHROMIUM, the browser
 *
 * Sessions have ids that end with 1, 2 and so on.
 */

const fs = require('node:fs');
const express = require('express');
const puppeteer = require('puppeteer-core');

const [port, pageUrl, waJs, profile, token, sessions] = process.argv.slice(2);

const ID_DIGITS = 3;


async function openPage(number) {
    const browser = await puppeteer.launch({
        executablePath: process.env.CHROMIUM || '/usr/lib/chromium/chromium',
        headless: true,
        pipe: true,
        userDataDir: `${profile}/${number}`,
    });
    const [page] = await browser.pages();

    await page.evaluateOnNewDocument(
        'window.WPPConfig = { disableGoogleAnalytics: true };');
    await page.evaluateOnNewDocument(fs.readFileSync(waJs, 'utf8'));
    await page.goto(pageUrl);

    while (!await isReady(page)) {
        await page.reload();
    }

    return { browser, page };
}


/* wa-js may wait for ever on a busy host: a minute is what users give it */
async function isReady(page) {
    try {
        await page.waitForFunction(
            'window.WPP && WPP.isFullReady && WPP.conn.isAuthenticated()',
            { timeout: 60000 });
        return true;
    } catch (e) {
        return false;
    }
}


function sendText(page, to, body) {
    return page.evaluate(async (chat, text) => {
        const sent = await WPP.chat.sendTextMessage(chat, text, {
            createChat: true,
            detectMentioned: false,
            linkPreview: false,
            markIsRead: false,
            waitForAck: true,
        });

        return sent.id;
    }, `${to}@c.us`, body);
}


function refuse(res, status, code, message) {
    res.status(status).json({ error: { message, code } });
}


async function main() {
    const opened = await Promise.all(
        Array.from({ length: Number(sessions || 1) }, (_, i) => openPage(i)));
    const app = express();

    app.disable('x-powered-by');

    app.use((req, res, next) => {
        if (req.get('authorization') !== `Bearer ${token}`) {
            refuse(res, 401, 190, 'Invalid OAuth access token');
            return;
        }

        next();
    });

    app.use(express.json());

    app.post('/:version/:id/messages', async (req, res) => {
        const { to, text } = req.body;
        const number = Number(req.params.id.slice(-ID_DIGITS)) - 1;
        const { page } = opened[number];

        try {
            const id = await sendText(page, to, text.body);

            res.json({
                messaging_product: 'whatsapp',
                contacts: [{ input: to, wa_id: to }],
                messages: [{ id }],
            });
        } catch (e) {
            refuse(res, 500, 131000, String(e.message));
        }
    });

    app.use((err, req, res, next) => {
        void next;
        refuse(res, 400, 100, 'Invalid parameter');
    });

    const server = app.listen(Number(port), '127.0.0.1', () => {
        console.log(`listening ${port}`);
    });

    process.once('SIGTERM', async () => {
        server.closeAllConnections();
        server.close();
        await Promise.all(opened.map(({ browser }) => browser.close()));
        process.exit(0);
    });
}


main().catch((e) => {
    console.error(e);
    process.exit(1);
});
