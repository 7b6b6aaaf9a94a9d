namespace Serverless.Registry.Events;

/// <summary>Told that there are events to deliver. What it does about it is best effort: the sweep finds what it misses.</summary>
public interface IEventSignal
{
    /// <summary>There are events at a place. Returns at once.</summary>
    void Raise(EventPlace place);
}
