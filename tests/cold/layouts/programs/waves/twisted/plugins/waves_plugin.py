from twisted.application.service import ServiceMaker

waves = ServiceMaker("Waves", "waves.tap", "Waves that come back.", "waves")
