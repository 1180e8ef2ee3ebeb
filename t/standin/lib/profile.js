'use strict';

/*
 * What the account shows of itself: the "about" text and the picture, and a
 * business more than that.
 */

const crypto = require('node:crypto');

const ABOUT = 'Hey there! I am using WhatsApp.';
const ABOUT_LENGTH = 139;
const PICTURE = 'https://pps.whatsapp.net/v/t61.24694-24/';
const PICTURE_SIZE = 1024 * 1024;
const JPEG = [0xff, 0xd8, 0xff];

/* what a business has, each an empty one when it is new */
const BUSINESS = {
    address: '', description: '', email: '', website: [], categories: [],
};


/* {size, url} of base64 of a JPEG, as the page sends it; null of any other */
function pictureOf(text) {
    const bytes = Buffer.from(String(text).replace(/^data:[^,]*,/, ''),
                              'base64');

    if (bytes.length > PICTURE_SIZE
        || !JPEG.every((byte, n) => bytes[n] === byte))
    {
        return null;
    }

    return {
        size: bytes.length,
        url: PICTURE + crypto.createHash('sha256').update(bytes)
            .digest('hex') + '.jpg?ccb=1',
    };
}


class Profile {
    constructor() {
        this.about = ABOUT;
        this.picture = null;
        this.business = null;
    }

    get isBusiness() {
        return this.business !== null;
    }

    setBusiness(isBusiness) {
        this.business = isBusiness ? { ...BUSINESS } : null;
    }

    /* whether it was taken */
    setAbout(about) {
        if (typeof about !== 'string' || [...about].length > ABOUT_LENGTH) {
            return false;
        }

        this.about = about;
        return true;
    }

    /* some members of a business profile; whether they were taken */
    edit(members) {
        const known = Object.entries(members).every(([name, value]) => (
            Object.hasOwn(BUSINESS, name)
            && Array.isArray(value) === Array.isArray(BUSINESS[name])));

        if (!this.isBusiness || !known) {
            return false;
        }

        Object.assign(this.business, members);
        return true;
    }

    /* whether it was taken */
    setPicture(text) {
        const picture = pictureOf(text);

        this.picture = picture || this.picture;
        return picture !== null;
    }

    /* for the phone and tests */
    show() {
        const { about, business, picture } = this;

        return { about, business, picture };
    }
}


module.exports = { pictureOf, Profile };
