metadata name = 'Budget'
metadata description = 'Mails when the resource group costs more than expected. It stops nothing.'

@description('Name of the budget.')
param name string

@description('What a month may cost, in the currency of the subscription.')
@minValue(1)
param amount int

@description('First day of the month from which it counts, as yyyy-MM-01.')
param startDate string

@description('Who gets the mails.')
param email string

resource budget 'Microsoft.Consumption/budgets@2026-06-01' = {
  name: name
  properties: {
    amount: amount
    category: 'Cost'
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: startDate
    }
    notifications: {
      spent: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 90
        thresholdType: 'Actual'
        contactEmails: [
          email
        ]
      }
      expected: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [
          email
        ]
      }
    }
  }
}
