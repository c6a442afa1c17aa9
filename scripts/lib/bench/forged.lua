-- Sends forged webhooks, over and over: in the right form, signed with a secret that is not ours. Argument: the file, one
-- event a line: the signature header, a tab, the body.
local requests, place = {}, 0

function init(args)
    for line in io.lines(args[1]) do
        local tab = line:find("\t", 1, true)
        requests[#requests + 1] = "POST /api/webhooks/stripe HTTP/1.1\r\nHost: bench\r\nStripe-Signature: "
            .. line:sub(1, tab - 1) .. "\r\nContent-Length: " .. (#line - tab) .. "\r\n\r\n" .. line:sub(tab + 1)
    end
end

function request()
    place = place % #requests + 1
    return requests[place]
end

function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "us": %d, "p50_us": %d, "p99_us": %d, "refused": %d, "broken": %d, "ran_dry": 0}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), e.status,
        e.connect + e.read + e.write + e.timeout))
end
