using Serverless.Registry.Events;

namespace Serverless.Registry.Delivery;

/// <summary>Told of what becomes of events.</summary>
public interface IDeliveryObserver
{
    /// <summary>An endpoint has been told.</summary>
    /// <param name="endpoint">Its name.</param>
    /// <param name="registryEvent">Of what.</param>
    void Delivered(string endpoint, RegistryEvent registryEvent);

    /// <summary>An attempt has failed.</summary>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="registryEvent">Of what it was to be told.</param>
    /// <param name="problem">Why, in a line without secrets.</param>
    void Failed(string endpoint, RegistryEvent registryEvent, string problem);

    /// <summary>An event was put where only a person looks at it.</summary>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="id">The id of the event, the first one where several were written together.</param>
    /// <param name="problem">Why, in a line without secrets.</param>
    void GivenUp(string endpoint, string id, string problem);
}
