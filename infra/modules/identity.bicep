metadata name = 'Identity'
metadata description = 'The user-assigned managed identity under which the registry works. It has no secret.'

@description('Name of the identity.')
param name string

@description('Region of the identity.')
param location string

@description('Tags of the identity.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id of the identity.')
output id string = identity.id

@description('Object id of the identity, to which roles are given.')
output principalId string = identity.properties.principalId

@description('Client id of the identity, by which an app asks for it.')
output clientId string = identity.properties.clientId
