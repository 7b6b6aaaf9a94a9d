metadata name = 'Serverless container registry with its resource group'
metadata description = 'What azd up deploys: a resource group and in it everything of main.bicep.'

targetScope = 'subscription'

@description('Name of the azd environment; names the resource group.')
@minLength(1)
@maxLength(60)
param environmentName string

@description('Region of all resources.')
param location string

@description('Where the registry runs.')
@allowed([
  'functions'
  'containerApps'
])
param hosting string = 'functions'

@description('Image made by infra/image.sh: for Container Apps, and for layers of any size beside Functions. Empty for none.')
param containerImage string = ''

@description('Resource id of the Azure Container Registry with the image; empty when it is public.')
param containerImageRegistryId string = ''

@description('How clients sign in.')
@allowed([
  'none'
  'basic'
  'token'
])
param authMode string = 'token'

@description('Further settings of the registry, by the names of their environment variables.')
param settings object = {}

@description('Settings whose values are in a key vault: names of environment variables, and of secrets in the vault.')
param keyVaultSettings object = {}

@description('Key vault with them, in the same resource group; empty for none.')
param keyVaultName string = ''

@description('Who is told of pushes and deletions: names of endpoints, and the settings of each.')
param events object = {}

@description('Resource id of the Event Grid topic of an endpoint with the Format EventGrid; empty for none.')
param eventGridTopicId string = ''

@description('Object id of whoever may use the operator\'s tool; empty for nobody.')
param principalId string = ''

@description('What they are; empty, as azd has it for some, lets Azure find out.')
@allowed([
  ''
  'User'
  'Group'
  'ServicePrincipal'
])
param principalType string = ''

@description('How often and where images are kept.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_RAGRS'
  'Standard_GZRS'
  'Standard_RAGZRS'
])
param storageSku string = 'Standard_LRS'

@description('Whether the app is spread over availability zones.')
param zoneRedundant bool = false

@description('Functions: memory of an instance in MiB.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('Functions: instances that are always there, and paid for.')
@minValue(0)
param alwaysReadyInstances int = 0

@description('Whether storage can be reached by private endpoints only.')
param privateNetworking bool = false

@description('Whether the storage account of the registry is protected from deletion. azd down fails then.')
param lockStorage bool = false

@description('Host name of your own for the registry; implies Front Door. Empty for none.')
param customDomain string = ''

@description('Who gets a mail when something is wrong; empty makes no alerts.')
param alertEmail string = ''

@description('What a month may cost before a mail is sent; 0 makes no budget.')
@minValue(0)
param monthlyBudget int = 0

@description('First day of the month from which the budget counts, as yyyy-MM-01; a budget needs it.')
param budgetStart string = ''

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
    hosting: hosting
    containerImage: containerImage
    containerImageRegistryId: containerImageRegistryId
    authMode: authMode
    settings: settings
    keyVaultSettings: keyVaultSettings
    keyVaultName: keyVaultName
    events: events
    eventGridTopicId: eventGridTopicId
    operatorPrincipalId: principalId
    operatorPrincipalType: principalType
    storageSku: storageSku
    zoneRedundant: zoneRedundant
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyInstances: alwaysReadyInstances
    privateNetworking: privateNetworking
    lockStorage: lockStorage
    customDomain: customDomain
    alertEmail: alertEmail
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
  }
}

@description('Name of the resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('What stands before the slash in image names.')
output REGISTRY_LOGIN_SERVER string = registry.outputs.loginServer

@description('Name of the app.')
output REGISTRY_APP_NAME string = registry.outputs.appName

@description('Name of the storage account of the registry, for the operator\'s tool.')
output REGISTRY_STORAGE_ACCOUNT string = registry.outputs.storageAccountName

@description('What to point the custom domain at by CNAME; empty without one.')
output REGISTRY_FRONT_DOOR_HOST_NAME string = registry.outputs.frontDoorHostName

@description('Value of the TXT record _dnsauth before the custom domain; empty without one, and once it has been proved.')
output REGISTRY_DOMAIN_VALIDATION_TOKEN string = registry.outputs.domainValidationToken

@description('How large a layer may be.')
output REGISTRY_LAYERS string = registry.outputs.layers

@description('Commands to try.')
output REGISTRY_TRY array = registry.outputs.tryCommands
