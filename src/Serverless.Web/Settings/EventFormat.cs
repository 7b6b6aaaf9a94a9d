namespace Serverless.Web.Settings;

/// <summary>How an event is written for an endpoint.</summary>
public enum EventFormat
{
    /// <summary>The notifications of CNCF distribution: an envelope with one event.</summary>
    Distribution,

    /// <summary>CloudEvents 1.0, everything in the body (structured mode).</summary>
    CloudEvents,

    /// <summary>CloudEvents 1.0, the attributes in headers (binary mode).</summary>
    CloudEventsBinary,

    /// <summary>The schema of Azure Event Grid, with the events of Azure Container Registry.</summary>
    EventGrid,
}
