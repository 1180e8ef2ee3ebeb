/*
 * Calls of the phone's API; what goes wrong is shown at the foot of the page.
 */

const trouble = document.getElementById('trouble');


export async function request(method, path, body) {
    return answerOf(await fetch(path, {
        method,
        body: body && JSON.stringify(body),
    }));
}


async function answerOf(response) {
    const value = await response.json();

    if (!response.ok) {
        throw new Error(value.error);
    }

    return value;
}


/* puts a file on the phone; its id */
export async function upload(file) {
    const { id } = await answerOf(await fetch('api/media', {
        method: 'POST',
        headers: { 'Content-Type': file.type || 'application/octet-stream' },
        body: file,
    }));

    return id;
}


export async function attempt(promise) {
    try {
        await promise;
        trouble.textContent = '';
    } catch (e) {
        trouble.textContent = e.message;
    }
}


export function post(path, body) {
    return attempt(request('POST', `api/${path}`, body));
}
