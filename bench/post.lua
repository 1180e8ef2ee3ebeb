-- wrk script: POST requests that must all get one status.
-- environment:
--   BENCH_TOKEN   the Bearer token; empty: none is sent
--   BENCH_PATH    the request's path
--   BENCH_BODY    the body; {n} becomes the request's number, {chat} the last
--                 digit of one of the stand-in's eight other numbers
--   BENCH_STATUS  the status that counts as right
-- ends with a line "result REQUESTS MICROSECONDS WRONG MEDIAN_LATENCY_US"

local token = os.getenv("BENCH_TOKEN")
local path = os.getenv("BENCH_PATH")
local body = os.getenv("BENCH_BODY")
local status_wanted = tonumber(os.getenv("BENCH_STATUS"))
local varies = body:find("{", 2, true) ~= nil
local number = 0
local threads = {}
local headers = { ["Content-Type"] = "application/json" }
local constant

wrong = 0

if token ~= "" then
    headers["Authorization"] = "Bearer " .. token
end

function setup(thread)
    table.insert(threads, thread)
end

function init()
    constant = wrk.format("POST", path, headers, body)
end

function request()
    if not varies then
        return constant
    end

    number = number + 1

    return wrk.format("POST", path, headers,
                      (body:gsub("{n}", number)
                           :gsub("{chat}", 2 + number % 8)))
end

function response(status)
    if status ~= status_wanted then
        wrong = wrong + 1
    end
end

function done(summary, latency)
    local bad = summary.errors.connect + summary.errors.read
                + summary.errors.write + summary.errors.timeout

    for _, thread in ipairs(threads) do
        bad = bad + thread:get("wrong")
    end

    io.write(string.format("result %d %d %d %d\n", summary.requests,
                           summary.duration, bad, latency:percentile(50)))
end
