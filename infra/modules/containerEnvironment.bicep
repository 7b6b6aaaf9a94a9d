metadata name = 'Environment of container apps'
metadata description = 'Where container apps and jobs run, and the setting that sends their logs to the workspace.'

@description('Name of the environment.')
param name string

@description('Region of the environment.')
param location string

@description('Tags of the environment.')
param tags object

@description('Resource id of the workspace that takes the logs.')
param workspaceId string

@description('Subnet that the environment joins; empty for none.')
param subnetId string

@description('Whether the environment is spread over availability zones; needs a subnet.')
param zoneRedundant bool

resource managedEnvironment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    // Logs by a diagnostic setting need no key of the workspace.
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    vnetConfiguration: empty(subnetId)
      ? null
      : {
          infrastructureSubnetId: subnetId
          internal: false
        }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
    zoneRedundant: zoneRedundant
  }
}

// The stable version is older and knows no groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: managedEnvironment
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

@description('Resource id of the environment.')
output id string = managedEnvironment.id

@description('What the host names of its apps end with.')
output defaultDomain string = managedEnvironment.properties.defaultDomain
