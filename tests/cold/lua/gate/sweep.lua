return function() ngx.shared.counts:flush_expired() end
