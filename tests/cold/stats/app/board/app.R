library(shiny)
shinyApp(fluidPage(titlePanel("A board"), selectInput("n", "n", 1:3), DT::DTOutput("rows"), plotOutput("plot")), function(input, output) {
  output$rows <- DT::renderDT(head(mtcars, input$n))
  output$plot <- renderPlot(plot(cars))
})
