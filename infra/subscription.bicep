metadata name = 'Serverless container registry with its resource group'
metadata description = 'What azd up deploys: a resource group and in it everything of main.bicep.'

targetScope = 'subscription'

@description('Name of the azd environment; names the resource group.')
@minLength(1)
@maxLength(60)
param environmentName string

@description('Region of all resources.')
param location string

@description('How clients sign in.')
@allowed([
  'none'
  'basic'
  'token'
])
param authMode string = 'token'

@description('Object id of whoever deploys, who may then use the operator\'s tool; empty for nobody.')
param principalId string = ''

@description('What the one who deploys is; empty, as azd has it for some, lets Azure find out.')
@allowed([
  ''
  'User'
  'Group'
  'ServicePrincipal'
])
param principalType string = ''

@description('Host name of your own for the registry; implies Front Door. Empty for none.')
param customDomain string = ''

@description('Who gets a mail when something is wrong; empty makes no alerts.')
param alertEmail string = ''

@description('By this tag azd finds what belongs to an environment.')
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module registry 'main.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    authMode: authMode
    operatorPrincipalId: principalId
    operatorPrincipalType: principalType
    customDomain: customDomain
    alertEmail: alertEmail
  }
}

@description('Name of the resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('What stands before the slash in image names.')
output REGISTRY_LOGIN_SERVER string = registry.outputs.loginServer

@description('Name of the storage account of the registry, for the operator\'s tool.')
output REGISTRY_STORAGE_ACCOUNT string = registry.outputs.storageAccountName

@description('Commands to try.')
output REGISTRY_TRY array = registry.outputs.tryCommands
