-- Guests who order a hosting plan, each with an address of their own. Argument: a word that no other round used.
local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(args)
    who = args[1] .. "-" .. number .. "-"
    count = 0
end

function request()
    count = count + 1
    local name = who .. count
    local body = '{"planId":"starter","billingCycle":"monthly","trialActive":false,"customer":{"name":"Gerda Guest","email":"guest.'
        .. name .. '@example.com"},"domain":{"mode":"subdomain","value":"gerda-' .. name .. '"}}'
    return "POST /api/checkout/create-session HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: "
        .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "us": %d, "p50_us": %d, "p99_us": %d, "refused": %d, "broken": %d, "ran_dry": 0}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), e.status,
        e.connect + e.read + e.write + e.timeout))
end
