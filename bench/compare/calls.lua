-- calls.lua: what wrk asks: calls of the function that says back, each connection the next as soon as it has the answer.
-- SPDX-License-Identifier: Apache-2.0
--
--   wrk -t1 -c50 -d10s -s calls.lua http://127.0.0.1:PORT/ -- PATH BODY [HEADER VALUE]...
--
-- A call by Gradio's protocol is two requests: a POST is answered with an event, and a GET with the stream that brings its result. wrk does not
-- say on which connection an answer came, so an event is asked for on any: they wait in `events`, and are asked for before anything new begins.

local threads, events, first, last = {}, {}, 1, 0
local path, new
calls, wrong, example = 0, 0, ""

function setup(thread) table.insert(threads, thread) end

function init(arguments)
   local headers = { ["Content-Type"] = "application/json" }
   for i = 3, #arguments, 2 do headers[arguments[i]] = arguments[i + 1] end
   path = arguments[1]
   new = wrk.format("POST", path, headers, arguments[2])
end

function request()
   if first > last then return new end
   local event = events[first]
   events[first], first = nil, first + 1
   return wrk.format("GET", path .. "/" .. event)
end

function response(status, _, body)
   local event = status == 200 and body:match('"event_id":%s*"([^"]+)"')
   if event then
      last = last + 1
      events[last] = event
   elseif status == 200 and body:find("echo word", 1, true) then
      calls = calls + 1
   else
      wrong, example = wrong + 1, status .. " " .. body:sub(1, 200):gsub("%c", " ")
   end
end

function done(summary)
   local right, bad, said = 0, summary.errors.connect + summary.errors.timeout, ""
   for _, thread in ipairs(threads) do
      right, bad = right + thread:get("calls"), bad + thread:get("wrong")
      if thread:get("wrong") > 0 then said = thread:get("example") end
   end
   io.write(string.format("answered %d failed %d seconds %.3f said %s\n", right, bad, summary.duration / 1e6, said))
end
