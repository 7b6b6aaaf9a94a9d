metadata name = 'Alerts'
metadata description = 'Mails when the registry answers with server errors, when storage fails or throttles, and when more is stored than expected.'

@description('Ends the names of the resources.')
param name string

@description('Tags of the resources.')
param tags object

@description('Who gets the mails.')
param email string

@description('Where the registry runs, which decides what its metric is called.')
@allowed([
  'functions'
  'containerApps'
])
param hosting string

@description('Resource id of the app.')
param appId string

@description('Resource id of the storage account of the registry.')
param storageId string

@description('GB in the storage account of the registry after which a mail is sent.')
param capacityGb int

@description('What is watched.')
var rules = [
  {
    name: 'server-errors'
    description: 'The registry answered more than ten requests within five minutes with 5xx.'
    severity: 2
    scope: appId
    frequency: 'PT5M'
    window: 'PT5M'
    metric: hosting == 'functions' ? 'Http5xx' : 'Requests'
    namespace: hosting == 'functions' ? 'Microsoft.Web/sites' : 'Microsoft.App/containerApps'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 10
    dimensions: hosting == 'functions'
      ? []
      : [
          {
            name: 'statusCodeCategory'
            operator: 'Include'
            values: [
              '5xx'
            ]
          }
        ]
  }
  {
    name: 'storage-availability'
    description: 'Storage failed more than one request in a hundred within fifteen minutes.'
    severity: 2
    scope: storageId
    frequency: 'PT5M'
    window: 'PT15M'
    metric: 'Availability'
    namespace: 'Microsoft.Storage/storageAccounts'
    aggregation: 'Average'
    operator: 'LessThan'
    threshold: 99
    dimensions: []
  }
  {
    name: 'storage-throttling'
    description: 'Storage turned requests away because there were too many.'
    severity: 3
    scope: storageId
    frequency: 'PT5M'
    window: 'PT15M'
    metric: 'Transactions'
    namespace: 'Microsoft.Storage/storageAccounts'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 100
    dimensions: [
      {
        name: 'ResponseType'
        operator: 'Include'
        values: [
          'ServerBusyError'
          'ClientThrottlingError'
          'ClientAccountRequestThrottlingError'
          'ClientAccountBandwidthThrottlingError'
        ]
      }
    ]
  }
  {
    name: 'stored-bytes'
    description: 'More is stored than expected: look at what is kept, and whether garbage is collected.'
    severity: 3
    scope: storageId
    frequency: 'PT1H'
    window: 'PT6H'
    metric: 'UsedCapacity'
    namespace: 'Microsoft.Storage/storageAccounts'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: capacityGb * 1000000000
    dimensions: []
  }
]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'registry'
    emailReceivers: [
      {
        name: 'operator'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for rule in rules: {
    name: '${rule.name}-${name}'
    location: 'global'
    tags: tags
    properties: {
      description: rule.description
      severity: rule.severity
      enabled: true
      autoMitigate: true
      scopes: [
        rule.scope
      ]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.name
            metricName: rule.metric
            metricNamespace: rule.namespace
            timeAggregation: rule.aggregation
            operator: rule.operator
            threshold: rule.threshold
            dimensions: rule.dimensions
            // The rule can be made before the app has had its first request.
            skipMetricValidation: true
          }
        ]
      }
      actions: [
        {
          actionGroupId: group.id
        }
      ]
    }
  }
]
