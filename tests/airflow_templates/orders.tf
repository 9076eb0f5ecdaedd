resource "aws_sfn_state_machine" "orders" {
  name     = "orders-${var.stage}"
  role_arn = aws_iam_role.sfn.arn
  definition = jsonencode({
    StartAt = "Load"
    States = {
      Load = {
        Type     = "Task"
        Resource = "arn:aws:states:::lambda:invoke"
        Parameters = { FunctionName = aws_lambda_function.load.arn, "Payload.$" = "$" }
        End = true
      }
    }
  })
}
resource "aws_cloudwatch_event_rule" "nightly" {
  schedule_expression = "rate(2 hours)"
  state = "DISABLED"
}
resource "aws_cloudwatch_event_target" "nightly" {
  rule = aws_cloudwatch_event_rule.nightly.name
  arn = aws_sfn_state_machine.orders.arn
  input = jsonencode({ day = "x" })
  role_arn = aws_iam_role.ev.arn
}
resource "aws_scheduler_schedule" "again" {
  schedule_expression = "cron(0 12 L * ? *)"
  schedule_expression_timezone = "Asia/Tokyo"
  flexible_time_window { mode = "OFF" }
  target {
    arn = aws_sfn_state_machine.orders.arn
    role_arn = "x"
    input = jsonencode({ day = "x" })
  }
}
