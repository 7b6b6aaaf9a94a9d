metadata name = 'Leave to pull the image'
metadata description = 'Lets the identity pull from a private Azure Container Registry. It is a module of its own because that registry may be in another resource group or subscription.'

@description('Name of the container registry from which the image comes.')
param registryName string

@description('Object id of the identity that pulls.')
param principalId string

@description('Ids of roles by name.')
var roles = loadJsonContent('../facts/roles.json')

resource images 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = {
  name: registryName
}

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(images.id, principalId, roles.acrPull.id)
  scope: images
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull.id)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Pulls the image of the server.'
  }
}

@description('Server from which the image is pulled.')
output server string = images.properties.loginServer
