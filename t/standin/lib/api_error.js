'use strict';

/* A call of the phone's API that is answered with an error's status. */
class ApiError extends Error {
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}


module.exports = { ApiError };
