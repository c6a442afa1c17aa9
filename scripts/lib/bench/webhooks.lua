-- Sends webhooks that were signed beforehand. Argument: the files' common name; thread n reads <name>.n, one event a line:
-- the signature header, a tab, the body.
local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(args)
    source = assert(io.open(args[1] .. "." .. number, "r"))
    ran_dry = 0
end

function request()
    local line = source:read("*l")
    if not line then
        ran_dry = 1
        wrk.thread:stop()
        return "GET /api/health HTTP/1.1\r\nHost: bench\r\n\r\n"
    end
    local tab = line:find("\t", 1, true)
    return "POST /api/webhooks/stripe HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nStripe-Signature: "
        .. line:sub(1, tab - 1) .. "\r\nContent-Length: " .. (#line - tab) .. "\r\n\r\n" .. line:sub(tab + 1)
end

function done(summary, latency, requests)
    local dry = 0
    for _, thread in ipairs(threads) do dry = dry + (thread:get("ran_dry") or 0) end
    local e = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "us": %d, "p50_us": %d, "p99_us": %d, "refused": %d, "broken": %d, "ran_dry": %d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), e.status,
        e.connect + e.read + e.write + e.timeout, dry))
end
