metadata name = 'Private endpoint'
metadata description = 'An address within the virtual network for one service of a storage account.'

@description('Name of the private endpoint.')
param name string

@description('Region of the private endpoint.')
param location string

@description('Tags of the private endpoint.')
param tags object

@description('Resource id of the storage account.')
param storageId string

@description('The service of the account.')
@allowed([
  'blob'
  'queue'
  'table'
])
param service string

@description('Resource id of the subnet in which the address is.')
param subnetId string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: 'privatelink.${service}.${environment().suffixes.storage}'
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: name
        properties: {
          privateLinkServiceId: storageId
          groupIds: [
            service
          ]
        }
      }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: service
        properties: {
          privateDnsZoneId: zone.id
        }
      }
    ]
  }
}
