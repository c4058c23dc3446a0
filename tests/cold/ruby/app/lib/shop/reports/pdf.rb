# frozen_string_literal: true

module Shop
  module Reports
    class Pdf
      def write(params)
        require 'prawn'
        Prawn::Fonts::AFM.hide_m17n_warning = true
        pdf = Prawn::Document.new
        pdf.font(params['font'] || 'Times-Roman') { pdf.text 'A report' }
        pdf.stroke_horizontal_rule
        pdf.render
      end
    end
  end
end
