# frozen_string_literal: true

module Shop
  class Clock
    def initialize(zone) = @zone = zone

    def to_s
      require 'tzinfo'
      require 'active_support'
      require 'active_support/time'
      there = TZInfo::Timezone.get(@zone).to_local(Time.at(0).utc)
      rails = ActiveSupport::TimeZone['Tokyo'].at(0)
      [there.strftime('%H:%M %Z'), rails.iso8601, 2.days.from_now.class, Date.parse('3rd Feb 2001').iso8601, DateTime.strptime('2001', '%Y').year, Time.parse('12:30').min].join(' ')
    rescue TZInfo::InvalidTimezoneIdentifier => e
      "no zone: #{e.message}"
    end
  end
end
