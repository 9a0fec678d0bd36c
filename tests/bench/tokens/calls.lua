-- Requests of a file, sent once each, in order; what was answered goes to another file. wrk as the caller, since it costs
-- the server the least. Arguments: the requests (whole, apart by the byte 30), the answers ('' for none), connections.
local APART = string.char(30)
local requests, sent, answered, last, out = {}, 0, 0, 0, nil

function init(args)
  local file = assert(io.open(args[1], 'rb'))
  local all = file:read('*a')
  file:close()
  for one in all:gmatch('[^' .. APART .. ']+') do requests[#requests + 1] = one end
  -- wrk takes the first for a trial that is not sent; as many as there are connections are under way when the last one
  -- to be counted is answered.
  last = #requests - 1 - tonumber(args[3])
  if args[2] ~= '' then out = assert(io.open(args[2], 'wb')) end
end

function request()
  sent = sent + 1
  return requests[math.min(sent, #requests)]
end

function response(status, headers, body)
  answered = answered + 1
  if answered > last then
    if out then out:close() out = nil end
    wrk.thread:stop()
    io.stderr:write('all answered\n') -- wrk itself would sleep until its time is over: its caller ends it
    io.stderr:flush()
    return
  end
  if out then out:write(status, '\n', headers['location'] or headers['Location'] or '', '\n', body, APART) end
end
