metadata name = 'Alerts'
metadata description = 'Mails when the registry answers with server errors, when its maintenance has not run, when events are not delivered, when storage fails or throttles, and when more is stored than expected.'

@description('Ends the names of the resources.')
param name string

@description('Tags of the resources.')
param tags object

@description('Who gets the mails.')
param email string

@description('Region of the rules that ask logs.')
param location string

@description('Where the registry runs, which decides who knows of its errors.')
@allowed([
  'functions'
  'containerApps'
])
param hosting string

@description('Resource id of the container app; empty on Azure Functions.')
param appId string

@description('Resource id of the workspace with the logs.')
param workspaceId string

@description('Resource id of the storage account of the registry.')
param storageId string

@description('GB in the storage account of the registry after which a mail is sent.')
param capacityGb int

@description('Whether anybody is told of events.')
param hasEvents bool

@description('Metrics of a container app. Those of Azure Functions do not tell statuses apart on Flex Consumption.')
var appRules = [
  {
    name: 'server-errors'
    description: 'The registry answered more than ten requests within fifteen minutes with 5xx.'
    severity: 2
    scope: appId
    frequency: 'PT5M'
    window: 'PT15M'
    metric: 'Requests'
    namespace: 'Microsoft.App/containerApps'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 10
    dimensions: [
      {
        name: 'statusCodeCategory'
        operator: 'Include'
        values: [
          '5xx'
        ]
      }
    ]
  }
]

@description('Metrics of storage.')
var storageRules = [
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

@description('What logs tell. Each query gives one row, whether anything was logged or not.')
var queries = concat(
  hosting == 'functions'
    ? [
        {
          name: 'server-errors'
          description: 'The registry answered more than ten requests within fifteen minutes with 5xx.'
          frequency: 'PT15M'
          window: 'PT15M'
          query: 'AppRequests | where toint(ResultCode) >= 500 | summarize Found = sum(ItemCount)'
          operator: 'GreaterThan'
          threshold: 10
        }
      ]
    : [],
  [
    {
      name: 'maintenance'
      description: 'For a day no maintenance has come to its end: garbage and uploads left behind stay.'
      frequency: 'PT6H'
      window: 'P1D'
      query: hosting == 'functions'
        ? 'AppRequests | where Name == "Maintenance" and Success == true | summarize Found = sum(ItemCount)'
        : 'ContainerAppConsoleLogs | where Log has "repositories reviewed" | summarize Found = count()'
      operator: 'LessThan'
      threshold: 1
    }
  ],
  hasEvents
    ? [
        {
          name: 'undelivered-events'
          description: 'An event has waited for an hour: its endpoint does not take it.'
          frequency: 'PT15M'
          window: 'PT1H'
          query: hosting == 'functions'
            ? 'AppTraces | where Message has "has waited too long" | summarize Found = sum(ItemCount)'
            : 'ContainerAppConsoleLogs | where Log has "has waited too long" | summarize Found = count()'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    : []
)

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
  for rule in concat(hosting == 'containerApps' ? appRules : [], storageRules): {
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

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in queries: {
    name: '${rule.name}-${name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.description
      severity: 2
      enabled: true
      autoMitigate: true
      scopes: [
        workspaceId
      ]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Total'
            metricMeasureColumn: 'Found'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      // The tables come with the first rows.
      skipQueryValidation: true
      actions: {
        actionGroups: [
          group.id
        ]
      }
    }
  }
]
