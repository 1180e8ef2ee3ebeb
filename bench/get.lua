-- wrk script: GET requests that must all get one status, without a callback
-- for each answer, which would cost more than the answer.
-- environment:
--   BENCH_STATUS  the status that counts as right: 200, or one that wrk takes
--                 for an error
-- ends with a line "result REQUESTS MICROSECONDS WRONG MEDIAN_LATENCY_US"

local refused = os.getenv("BENCH_STATUS") ~= "200"

function done(summary, latency)
    local errors = summary.errors
    local bad = errors.connect + errors.read + errors.write + errors.timeout

    if refused then
        bad = bad + summary.requests - errors.status
    else
        bad = bad + errors.status
    end

    io.write(string.format("result %d %d %d %d\n", summary.requests,
                           summary.duration, bad, latency:percentile(50)))
end
