metadata name = 'Monitoring'
metadata description = 'Log Analytics workspace, Application Insights, and a workbook that shows what is in them. Telemetry is accepted from identities only.'

@description('Ends the names of the resources.')
param name string

@description('Region of the resources.')
param location string

@description('Tags of the resources.')
param tags object

@description('Object id of the identity that sends telemetry.')
param principalId string

@description('Days for which logs are kept, at least 30.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('GB of logs a day after which no more are taken until the next day; -1 takes all.')
param dailyQuotaGb int

@description('Ids of roles by name.')
var roles = loadJsonContent('../facts/roles.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    workspaceCapping: {
      dailyQuotaGb: dailyQuotaGb
    }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, roles.monitoringMetricsPublisher.id)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher.id)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'The registry sends its telemetry.'
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspace.id, 'registry')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Registry ${name}'
    category: 'workbook'
    sourceId: workspace.id
    version: 'Notebook/1.0'
    serializedData: loadTextContent('../workbook.json')
  }
}

@description('Resource id of the workspace.')
output workspaceId string = workspace.id

@description('Where telemetry is sent to. It holds no secret that would be accepted: local authentication is off.')
output connectionString string = insights.properties.ConnectionString
